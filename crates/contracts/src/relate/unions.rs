//! Alternatives: some of the reader's has to read what the writer may write.

use std::sync::Arc;

use tenon_model::{Kind, Shape, shape::Union};

use super::{
    Rule,
    compare::{Comparison, name, words},
};

impl Comparison<'_> {
    /// One that is no union for the writer: some alternative has to read all of it.
    pub(super) fn of_union(&mut self, writer: &Shape, union: &Arc<Union>) {
        let read = match &union.tag {
            Some(tag) => self.named(writer, tag, union),
            None => union.variants.iter().any(|(_, variant)| self.reads(writer, variant)),
        };
        if !read {
            let (a, count) = (name(writer), union.variants.len());
            let words = words(
                format!(
                    "was {a}, and none of the {count} alternatives that there are now accepts all of that"
                ),
                format!(
                    "is now {a}, and none of the {count} alternatives that there were accepted all of that"
                ),
            );
            self.changed(Rule::AlternativeMissing, words);
        }
    }

    /// Whether each alternative that the field which tells them apart may name reads the record.
    fn named(&mut self, writer: &Shape, tag: &str, union: &Arc<Union>) -> bool {
        let record = writer.as_record();
        let Some((_, field)) = record.as_ref().and_then(|record| record.field(tag)) else { return false };
        let Kind::Enum(names) = &field.shape.resolved().kind else { return false };
        field.required
            && names.iter().all(|name| {
                let variant = union.variants.iter().find(|(variant, _)| name.as_str() == Some(variant));
                variant.is_some_and(|(_, variant)| self.reads(writer, variant))
            })
    }
}
