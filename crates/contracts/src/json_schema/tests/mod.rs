//! What is read, what is refused, and what is written.

mod exact;
mod notes;
mod read;
mod refuse;
mod rules;
mod together;
mod write;
