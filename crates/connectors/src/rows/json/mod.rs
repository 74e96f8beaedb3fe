//! The items of a JSON document: those of a list, or one value, at a path in it. The document is never held as a whole.

mod extent;
mod items;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use tenon_contracts::json::Decoder;
use tenon_errors::{Report, catalogue::data::TOO_LARGE};
use tenon_model::Str;
use tenon_ports::{Arrival, Position};

use self::items::{Item, Items};
use super::{
    arrival::File,
    content::Content,
    input::Input,
    rescan::{Resumed, Scan},
    source,
    text::place,
};

/// The items at `path` of a document.
pub(super) fn open(
    mut content: Content,
    path: &Arc<[Str]>,
    limit: usize,
    decoder: Decoder,
) -> Result<(Box<dyn source::Rows>, Bytes), Report> {
    let file = File::new(content.name(), content.encoding());
    let items = Items::new(content.begin()?, Arc::clone(path), limit, content.name());
    let items = Resumed::from(items, content.resume(), &content.name())?;
    Ok((Box::new(Decoded { items, decoder, file }), Bytes::new()))
}

impl Scan for Items {
    type Row = Item;

    fn take(&mut self) -> Result<Option<Item>, Report> {
        self.next()
    }

    fn input(&self) -> &Input {
        self.input()
    }

    fn of(item: &Item) -> (u64, &Bytes) {
        (item.position.offset, &item.bytes)
    }
}

struct Decoded {
    items: Resumed<Items>,
    decoder: Decoder,
    file: File,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        let item = self.items.take()?;
        Ok(item.map(|item| self.arrival(item)))
    }
}

impl Decoded {
    /// The place of an item is its path in the document, with the line and the column that it begins at.
    fn arrival(&self, item: Item) -> Arrival {
        let Item { position, column, bytes, index, too_large } = item;
        let decoded = match too_large {
            None => self.decoder.decode(&bytes).map_err(|report| match (index, bytes.first()) {
                // Most likely the rows are somewhere in it.
                (None, Some(b'{')) => report.hint(format!(
                    "{} is read as one row: say with `items` where the list of rows is, such as `/data`",
                    if self.items.scan.pointer(None).is_empty() {
                        "the whole document"
                    } else {
                        "the object there"
                    }
                )),
                _ => report,
            }),
            Some(length) => {
                let limit = self.items.scan.limit();
                let message = format!("the item has {length} bytes, and {limit} are allowed");
                Err(Report::new(&TOO_LARGE, message).hint("allow larger ones with `row`"))
            }
        };
        let placed = |report: Report| {
            let file = format!("{}#{}", self.file.name(), self.items.scan.pointer(index));
            report.at(place(&file, position.line, column))
        };
        let next: Position = self.items.scan.position();
        let decoded = decoded.map_err(placed);
        Arrival { clipped: too_large.is_some(), ..self.file.arrival(position, next, bytes, decoded) }
    }
}
