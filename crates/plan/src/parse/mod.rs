//! Text to objects with places: reading the files of a project, and holding every object against its [`Spec`].
//!
//! What a value has to look like is checked here, once and for all objects alike; the checks that follow read the
//! objects with [`Object`] and pass over in silence what was reported here.
//!
//! [`Spec`]: tenon_ports::Spec

mod advice;
pub(crate) mod object;
pub(crate) mod project;
pub(crate) mod read;
pub(crate) mod scalar;
pub(crate) mod setting;

pub(crate) use project::Project;
pub(crate) use read::Object;
