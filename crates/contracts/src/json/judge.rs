//! Values that nobody wants: held against their contract without being built. What is told of them, and in which order, is
//! what decoding them would tell.

use tenon_model::Value;

use super::{
    decode::{Decoding, Stop},
    tokens::Tokens,
};
use crate::{
    compiled::{Check, NodeId, check_length},
    violation::{Found, Path},
};

impl<S: Tokens> Decoding<'_, S> {
    /// Holds the value here against its contract. Only what has to be seen as a whole is built for that: what is one of several types,
    /// a map, items that have to differ, and what is demanded beyond kinds.
    pub(super) fn judge(&mut self, id: NodeId, path: &Path<'_>, depth: usize) -> Result<(), Stop> {
        let node = self.compiled.node(id);
        if !node.refinements.is_empty() {
            return self.value(id, path, depth).map(drop);
        }
        match (&node.check, self.cursor.skip_space()) {
            (Check::Int(range), Some(b'-' | b'0'..=b'9')) if self.cursor.integer(range).is_some() => Ok(()),
            (Check::Text(check), Some(b'"')) if check.takes_all() => {
                Ok(self.cursor.skip_value(depth, &self.limits)?)
            }
            (Check::Text(check), Some(b'"')) => {
                let text = self.cursor.string()?;
                match check.check(text.as_ref()) {
                    Ok(()) => Ok(()),
                    Err(failure) => self.reject(|| failure, &Found::Text(text.as_ref()), path).map(drop),
                }
            }
            (Check::List { item, length, unique: false }, Some(b'[')) => {
                let count = self.items(*item, path, depth)?;
                match check_length(length, count, "items") {
                    Ok(()) => Ok(()),
                    Err(failure) => self.reject(|| failure, &Found::Token("the list"), path).map(drop),
                }
            }
            (Check::Record(record), Some(b'{')) => {
                self.limits.check_depth(depth)?;
                self.fields::<false>(record, path, depth).map(|_: Value| ())
            }
            _ => self.value(id, path, depth).map(drop),
        }
    }

    /// How many items there are, each of which is judged.
    fn items(&mut self, item: NodeId, path: &Path<'_>, depth: usize) -> Result<usize, Stop> {
        self.limits.check_depth(depth)?;
        let mut count = 0;
        if !self.cursor.enter(b']') {
            return Ok(count);
        }
        loop {
            self.judge(item, &path.item(count), depth + 1)?;
            count += 1;
            if !self.cursor.goes_on(b']')? {
                return Ok(count);
            }
        }
    }
}
