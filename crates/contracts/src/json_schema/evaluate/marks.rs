//! Which parts of a value the keywords of a schema have looked at: what `unevaluatedProperties` and `unevaluatedItems` ask.

/// The fields or items that were looked at, by position.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    looked_at: Vec<bool>,
}

impl Marks {
    pub(super) fn mark(&mut self, position: usize) {
        if self.looked_at.len() <= position {
            self.looked_at.resize(position + 1, false);
        }
        self.looked_at[position] = true;
    }

    pub(super) fn has(&self, position: usize) -> bool {
        self.looked_at.get(position).copied().unwrap_or(false)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for position in (0..other.looked_at.len()).filter(|position| other.looked_at[*position]) {
            self.mark(position);
        }
    }
}
