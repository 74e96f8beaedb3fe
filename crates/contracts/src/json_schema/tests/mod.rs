//! What is read, what is refused, and what is written.

mod read;
mod refuse;
mod write;
