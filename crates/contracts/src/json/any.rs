//! Values that no contract describes.

use tenon_errors::{Report, catalogue::data::DUPLICATE_FIELD, clip};
use tenon_model::{Map, Value};

use super::{
    decode::{Decoding, Stop},
    tokens::Tokens,
};
use crate::violation::Path;

impl<S: Tokens> Decoding<'_, S> {
    /// Decodes the value here, whatever it is.
    pub(super) fn any(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        Ok(match self.cursor.skip_space() {
            Some(b'"') => Value::from(self.cursor.string()?.as_ref()),
            Some(b'{') => self.any_object(path, depth)?,
            Some(b'[') => self.any_list(path, depth)?,
            Some(b't') => self.cursor.word("true").map(|()| Value::Bool(true))?,
            Some(b'f') => self.cursor.word("false").map(|()| Value::Bool(false))?,
            Some(b'n') => self.cursor.word("null").map(|()| Value::Null)?,
            _ => {
                let number = self.cursor.number()?;
                let value = if self.keeps_zeros { number.to_verbatim() } else { number.to_value() };
                value.map_err(|report| report.path(path.pointer()))?
            }
        })
    }

    fn any_object(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        let mut map = Map::new();
        if !self.cursor.enter(b'}') {
            return Ok(Value::Map(map.into()));
        }
        loop {
            let name = self.cursor.field_name()?;
            let name = name.as_ref();
            let value = self.any(&path.field(name, false), depth + 1)?;
            if map.insert(name, value).is_some() {
                return Err(duplicate(name, path).into());
            }
            if !self.cursor.goes_on(b'}')? {
                return Ok(Value::Map(map.into()));
            }
        }
    }

    fn any_list(&mut self, path: &Path<'_>, depth: usize) -> Result<Value, Stop> {
        self.limits.check_depth(depth)?;
        let mut items = Vec::new();
        if !self.cursor.enter(b']') {
            return Ok(Value::list(items));
        }
        loop {
            let item = self.any(&path.item(items.len()), depth + 1)?;
            items.push(item);
            if !self.cursor.goes_on(b']')? {
                return Ok(Value::list(items));
            }
        }
    }
}

/// The object at `path` holds `name` twice.
#[cold]
pub(super) fn duplicate(name: &str, path: &Path<'_>) -> Report {
    let name = clip(name, 80);
    Report::new(&DUPLICATE_FIELD, format!("the field `{name}` appears twice in one object"))
        .path(path.field(&name, false).pointer())
}
