//! Documentation from the plan: OpenAPI, the site that a server shows at `/docs`, and the reference pages of the book.
//!
//! Everything here is a pure function of the plan, the descriptors or the catalogue of codes, so documentation cannot
//! drift from what runs. It serves nothing and writes no file. Start reading at [`files`], then [`openapi`] and [`site`].

mod address;
pub mod explain;
pub mod files;
pub mod html;
pub mod openapi;
pub mod reference;
pub mod site;
#[cfg(test)]
mod testing;
mod units;
mod value;
