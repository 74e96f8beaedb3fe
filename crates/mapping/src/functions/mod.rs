//! The functions that expressions can call: one entry each, in ordered constant lists, one list per extension.

/// A function, method or macro: its name, what it does and an example that the tests run.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name as it is called, with its namespace: `size`, `math.greatest`.
    pub name: &'static str,
    /// One sentence: what it gives.
    pub doc: &'static str,
    /// An expression that is true and shows its use.
    pub example: &'static str,
}

/// Every function, in the order of the reference.
pub fn catalogue() -> impl Iterator<Item = &'static Function> {
    [].into_iter()
}
