//! A number that changes whenever a flow, its mappings or its contracts change; dead letters keep it.

use tenon_contracts::Contract;
use tenon_document::{Node, Tree};
use tenon_model::Str;

use crate::{Step, StepKind};

/// The fingerprint of the flow in `node`, whose messages follow these contracts. Comments and layout do not count.
pub(in crate::check) fn of(node: &Node, contracts: &[&Contract], steps: &[Step]) -> Str {
    let mut hash = Fnv::new();
    hash.node(node);
    contracts.iter().for_each(|contract| hash.contract(contract));
    for step in steps {
        let contract = match &step.kind {
            StepKind::Map { contract, .. } => Some(contract),
            kind => {
                let table = kind.reads().or(kind.writes()).map(|table| &table.contract);
                table.or(kind.publishes().map(|topic| &topic.contract))
            }
        };
        let Some(contract) = contract else { continue };
        hash.contract(contract);
    }
    Str::from(format!("{:016x}", hash.0))
}

/// FNV-1a of 64 bits: the same in every build, which the standard library's hasher does not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    /// Texts end with a byte that UTF-8 never holds, so that two of them differ from one.
    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }

    /// All that the contract was read from.
    fn contract(&mut self, contract: &Contract) {
        for (path, text) in contract.origin.texts() {
            self.text(path);
            self.text(text);
        }
    }

    fn node(&mut self, node: &Node) {
        match node.tree() {
            Tree::Null => self.byte(b'0'),
            Tree::Bool(value) => self.byte(if *value { b't' } else { b'f' }),
            Tree::Number(text) => {
                self.byte(b'n');
                self.text(text);
            }
            Tree::String(text) => {
                self.byte(b's');
                self.text(text);
            }
            Tree::List(items) => {
                self.byte(b'[');
                items.iter().for_each(|item| self.node(item));
                self.byte(b']');
            }
            Tree::Map(entries) => {
                self.byte(b'{');
                for (key, value) in entries {
                    self.node(key);
                    self.node(value);
                }
                self.byte(b'}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(yaml: &str) -> u64 {
        let mut hash = Fnv::new();
        hash.node(&tenon_document::parse("t.yaml", yaml).unwrap());
        hash.0
    }

    #[test]
    fn content_counts_and_layout_does_not() {
        assert_eq!(hash("a: { b: 1 }\n"), hash("a:\n  b: 1   # one\n"));
        assert_ne!(hash("a: { b: 1 }\n"), hash("a: { b: 2 }\n"));
        assert_ne!(hash("a: [x, y]\n"), hash("a: [xy]\n"));
        assert_ne!(hash("a: [[x], y]\n"), hash("a: [[x, y]]\n"));
    }

    #[test]
    fn it_is_the_same_in_every_build() {
        let mut hash = Fnv::new();
        "foobar".bytes().for_each(|byte| hash.byte(byte));
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }
}
