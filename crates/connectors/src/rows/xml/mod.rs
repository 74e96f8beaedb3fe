//! The elements of an XML document at a path in it, or the one at its top. The document is never held as a whole.
//!
//! Each row is read by the codec of its contract as a document of its own. What the elements around it declare as namespaces is added
//! to its first tag, so that its bytes say all that they need, also as a dead letter.

mod declared;
mod items;
mod names;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use bytes::Bytes;
use tenon_contracts::format::Codec;
use tenon_errors::{
    Report,
    catalogue::data::{TOO_LARGE, WRONG_KIND},
};
use tenon_ports::{Arrival, XmlFormat};

pub(super) use self::declared::declared;
use self::items::{Item, Items};
use super::{
    arrival::File,
    content::Content,
    input::Input,
    rescan::{Resumed, Scan},
    source,
    text::place,
};

/// The rows of a document.
pub(super) fn open(
    mut content: Content,
    format: &XmlFormat,
    limit: usize,
) -> Result<(Box<dyn source::Rows>, Bytes), Report> {
    let file = File::new(content.name(), content.encoding());
    let items = Items::new(content.begin()?, Arc::clone(&format.items), limit, content.name());
    let items = Resumed::from(items, content.resume(), &content.name())?;
    let codec = Arc::clone(&format.codec);
    Ok((Box::new(Decoded { items, codec, file }), Bytes::new()))
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
    codec: Arc<dyn Codec>,
    file: File,
}

impl source::Rows for Decoded {
    fn next(&mut self) -> Result<Option<Arrival>, Report> {
        let item = self.items.take()?;
        Ok(item.map(|item| self.arrival(item)))
    }
}

impl Decoded {
    /// The place of a row is its path in the document, with the line and the column that it begins at.
    fn arrival(&self, item: Item) -> Arrival {
        let Item { position, column, bytes, around, path, too_large } = item;
        let bytes = if too_large.is_none() { names::alone(&bytes, &around) } else { bytes };
        let decoded = match too_large {
            None => self.codec.decode(&bytes).map_err(|report| self.hinted(report)),
            Some(length) => {
                let limit = self.items.scan.limit();
                let message = format!("the element has {length} bytes, and {limit} are allowed");
                Err(Report::new(&TOO_LARGE, message).hint("allow larger ones with `row`"))
            }
        };
        let name = self.file.name();
        let file = if path.is_empty() { name.to_owned() } else { format!("{name}#{path}") };
        let decoded = decoded.map_err(|report| report.at(place(&file, position.line, column)));
        let next = self.items.scan.position();
        Arrival { clipped: too_large.is_some(), ..self.file.arrival(position, next, bytes, decoded) }
    }

    /// Most likely the rows are somewhere in a document that is another element than the contract has.
    fn hinted(&self, report: Report) -> Report {
        let is_other = report.details().iter().chain([&report]).any(|it| {
            it.code() == &WRONG_KIND && it.data_path().is_none_or(|path| path.is_empty() || path == "$")
        });
        if self.items.scan.is_whole_document() && is_other {
            return report
                .hint("the document is read as one row: say with `items` where the rows are, such as `/orders/order`");
        }
        report
    }
}
