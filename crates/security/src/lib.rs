//! Who calls, how that is proved, and what they may do: identities, keys, tokens, scopes, addresses, masking.
//!
//! Pure: the time, the headers and the bytes of key sets are passed in. This crate must not know HTTP, sockets, files,
//! the clock or the environment. Start reading at [`principal`], then [`authenticate`].

pub mod api_key;
pub mod authenticate;
pub mod authorize;
pub mod ban;
pub mod caller;
pub mod certificate;
pub mod firewall;
pub mod introspection;
pub mod jwt;
pub mod mask;
pub mod password;
pub mod principal;
pub mod scope;
pub mod secret;

mod pending;
mod refusal;

pub use pending::Refusal;
pub use principal::{Claim, Method, Principal};
pub use scope::{Scope, Scopes};
pub use secret::SecretText;
