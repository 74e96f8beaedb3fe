//! The description of one part of the project format: its keys, guarantees, codes and page.

use tenon_errors::Code;

use crate::Spec;

/// What an object, step or policy is, as data: the reference page, the JSON Schema and `tenon explain` derive from it.
#[derive(Debug)]
pub struct Descriptor {
    /// The word that selects it in a project: a kind of system, a step, a policy.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// The object that configures it.
    pub spec: &'static Spec,
    /// What it promises, one sentence each: durability, order, duplicates.
    pub guarantees: &'static [&'static str],
    /// The codes that it can report beyond the general ones.
    pub codes: &'static [&'static Code],
    /// A complete example of its configuration, as YAML.
    pub example: &'static str,
}
