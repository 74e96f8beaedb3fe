//! Tables: how Tenon keeps records, what files say, what is written, and what no input does.

mod hostile;
mod read;
mod table;
mod write;
