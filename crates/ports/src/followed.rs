//! Which contract stored data follows.

use tenon_model::Str;

/// Where data is stored that follows a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The messages of a topic.
    Topic,
    /// The rows of a table.
    Table,
    /// The dead letters of a flow.
    Flow,
}

impl Holder {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::Topic, Self::Table, Self::Flow];

    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Table => "table",
            Self::Flow => "flow",
        }
    }
}

/// What stored data follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Where it is stored.
    pub holder: Holder,
    /// The name of the topic, table or flow.
    pub name: Str,
    /// Name and version of the contract.
    pub contract: Str,
    /// The files that the contract was read from, as one text.
    pub text: String,
}
