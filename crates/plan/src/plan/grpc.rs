//! How an API is served by gRPC.

use std::sync::Arc;

use tenon_contracts::protobuf::{Described, GrpcExchange};
use tenon_model::{Name, Str};

/// The service by whose methods operations are served.
#[derive(Debug, Clone)]
pub struct GrpcExposure {
    /// Its full name: `shop.v1.Orders`.
    pub service: Str,
    /// Its description, as the file of the project has it.
    pub text: Str,
    /// The descriptors of the file, and of all that it imports.
    pub files: Arc<[Described]>,
    /// What its methods do, in the order of the file.
    pub methods: Vec<GrpcMethod>,
}

/// A method, and the operation that it is.
#[derive(Debug, Clone)]
pub struct GrpcMethod {
    /// Its name: `GetOrder`.
    pub name: Str,
    /// The operation.
    pub operation: Name,
    /// How its messages lie.
    pub exchange: Arc<GrpcExchange>,
    /// The field of the reply that has the rows, where the operation lists some.
    pub rows: Option<Str>,
}

/// What a request for a list may say beside its filters, and where its reply says what comes next
/// ([AIP-158](https://google.aip.dev/158), [AIP-132](https://google.aip.dev/132)).
pub mod listing {
    /// The largest number of rows; of the operation's own choice where it is 0.
    pub const PAGE_SIZE: &str = "page_size";
    /// Where the page begins: what the reply before it says.
    pub const PAGE_TOKEN: &str = "page_token";
    /// The columns by which rows are ordered, as REST takes them: `-total,id`.
    pub const ORDER_BY: &str = "order_by";
    /// Where the next page begins; empty after the last one.
    pub const NEXT_PAGE_TOKEN: &str = "next_page_token";
}
