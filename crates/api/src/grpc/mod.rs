//! Operations as gRPC: the methods of a service over HTTP/2, with deadlines, statuses and their details
//! (<https://grpc.github.io/grpc/core/md_doc__p_r_o_t_o_c_o_l-_h_t_t_p2.html>).

mod faults;
mod health;
mod index;
mod message;
mod method;
mod reflection;
mod said;
mod server;

pub(crate) use faults::refusal;
pub(crate) use health::mount as health;
pub(crate) use reflection::mount as reflection;
pub(crate) use said::is_spoken;
pub(crate) use server::PROTOCOL;
