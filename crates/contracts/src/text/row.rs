//! Rows of cells under a header, as CSV files have them.

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Report, Reports,
    catalogue::data::{BAD_ENCODING, WRONG_COLUMN_COUNT, WRONG_HEADER, WRONG_KIND},
    counted, nearest,
};
use tenon_model::{Key, Shape, Str, Value};

use super::{csv::Cell, scalar::trimmed};
use crate::{
    builder::{Absent, Builder, InOrder, Listed, Order, Placed, Planned},
    compiled::{Check, Compiled, FieldCheck, NodeId, RecordCheck, check_length},
    validate::Validator,
    violation::{self, Found, Path, Violations},
};

/// The most columns of a file.
const MAX_COLUMNS: usize = 4_096;
/// How many columns that do not fit are listed, and how many that are missing.
const MAX_LISTED: usize = 8;
/// The most fields that are compared to find what a mistyped column meant.
const MAX_CANDIDATES: usize = 200;

/// What cells and rows mean beyond their contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowRules {
    /// Cells of these texts count as absent; the empty cell always does.
    pub absent: Vec<Str>,
    /// Whether quoted cells can be absent, too. Otherwise `""` is a text of no characters, and `"NA"` one of two.
    pub quoted_absent: bool,
    /// What becomes of rows with more or fewer cells than there are columns.
    pub ragged: Ragged,
}

/// What becomes of rows with more or fewer cells than there are columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ragged {
    /// They are refused.
    #[default]
    Refuse,
    /// Cells that are missing at the end are absent.
    Pad,
    /// Cells beyond the last column are left out.
    Truncate,
    /// Both.
    Fit,
}

impl Ragged {
    /// Every rule with its name.
    pub const ALL: &[(Self, &'static str)] =
        &[(Self::Refuse, "refuse"), (Self::Pad, "pad"), (Self::Truncate, "truncate"), (Self::Fit, "fit")];

    fn allows(self, cells: usize, columns: usize) -> bool {
        match self {
            Self::Refuse => cells == columns,
            Self::Pad => cells <= columns,
            Self::Truncate => cells >= columns,
            Self::Fit => true,
        }
    }
}

/// Reads the rows of one file by a contract. Made once per header; decoding a row allocates nothing but its value.
#[derive(Debug)]
pub struct RowDecoder {
    compiled: Compiled,
    /// The fields of the contract. No cell holds null: one that is absent stands for it.
    fields: Vec<Listed>,
    columns: Vec<Column>,
    rules: RowRules,
    /// In which order the columns are.
    order: Order,
    /// Judges what the contract demands beyond kinds, where it does.
    judge: Option<Validator>,
}

#[derive(Debug)]
struct Column {
    key: Key,
    /// The field of the contract; `None` for a column that an open contract does not list.
    field: Option<usize>,
    node: NodeId,
    keeps_blanks: bool,
    hidden: bool,
}

impl Column {
    fn name(&self) -> &str {
        self.key.as_str().unwrap_or_default()
    }
}

impl RowDecoder {
    /// A decoder for rows under `header`. Cells that are empty or that `rules` call absent are absent.
    ///
    /// # Errors
    /// `D0203` for each column that the contract requires and the header lacks, that the contract does not have, that
    /// appears twice, or that no cell can hold; of many the first ones and how many more there are. `D0004` if the contract is
    /// not a record; the errors of compiling it.
    pub fn new(shape: &Shape, header: &[&str], rules: &RowRules) -> Result<Self, Reports> {
        let compiled = Compiled::new(shape)?;
        let Check::Record(record) = &compiled.node(compiled.root).check else {
            let message = format!("a row is a record, and the contract is {}", shape.name());
            return Err(Report::new(&WRONG_KIND, message).into());
        };
        if header.len() > MAX_COLUMNS {
            let message =
                format!("the header has {} columns, and at most {MAX_COLUMNS} are allowed", header.len());
            return Err(Report::new(&WRONG_HEADER, message).into());
        }
        let (mut problems, mut missing) = (Vec::new(), Vec::new());
        let mut columns = Vec::with_capacity(header.len());
        let names: HashSet<&str> = header.iter().copied().collect();
        let mut seen = HashSet::with_capacity(header.len());
        for name in header {
            if !seen.insert(*name) {
                problems.push(Report::new(&WRONG_HEADER, format!("the column `{name}` appears twice")));
                continue;
            }
            match column(&compiled, record, name, &names) {
                Ok(column) => columns.push(column),
                Err(report) => problems.push(report),
            }
        }
        let fields: Vec<Listed> = record.fields.iter().map(|field| listed(&compiled, field)).collect();
        for field in fields.iter().filter(|field| field.is_demanded() && !names.contains(field.name())) {
            let message = format!("the header has no column `{}`, which the contract requires", field.name());
            missing.push(Report::new(&WRONG_HEADER, message));
        }
        let mut problems: Reports = bounded(problems, "something is wrong with").collect();
        problems.extend(bounded(missing, "the same is true of"));
        let order = Order::of(columns.iter().filter_map(|column| column.field), fields.len());
        let judge = if compiled.is_refined() { Some(Validator::new(shape)?) } else { None };
        problems.finish(()).map(|()| Self { compiled, fields, columns, rules: rules.clone(), order, judge })
    }

    /// The record that the cells of a row stand for: the fields in the order of the contract, then other columns in the
    /// order of the header. It has been validated.
    ///
    /// # Errors
    /// `D0202` for another number of cells than the header has, `D0105` for a cell that is not UTF-8, `D0104` where too many
    /// fields would be filled with their defaults, `D0001` with a detail for each cell that breaks the contract, at most 20, with the
    /// path `/column`.
    pub fn decode<'a>(&self, cells: impl Iterator<Item = impl Into<Cell<'a>>>) -> Result<Value, Report> {
        self.decode_by(&mut Builder::default(), cells)
    }

    /// The same for a row of several, which `builder` builds.
    pub(super) fn decode_by<'a>(
        &self,
        builder: &mut Builder,
        cells: impl Iterator<Item = impl Into<Cell<'a>>>,
    ) -> Result<Value, Report> {
        match self.order {
            // Also where each field has a column, a cell may be absent.
            Order::Complete | Order::Partial => self.row::<InOrder>(builder, cells),
            Order::Another => self.row::<Placed>(builder, cells),
        }
    }

    fn row<'a, P: Planned>(
        &self,
        builder: &mut Builder,
        cells: impl Iterator<Item = impl Into<Cell<'a>>>,
    ) -> Result<Value, Report> {
        let Check::Record(record) = &self.compiled.node(self.compiled.root).check else {
            return Err(Report::new(&WRONG_KIND, "a row is a record, and the contract is not"));
        };
        let mut row = Row {
            decoder: self,
            filled: builder.filled(),
            listed: P::open(builder, self.fields.len()),
            builder,
            others: Vec::new(),
            violations: Violations::default(),
        };
        let mut count = 0;
        for cell in cells {
            if let Some(column) = self.columns.get(count) {
                row.cell(column, cell.into())?;
            }
            count += 1;
        }
        if !self.rules.ragged.allows(count, self.columns.len()) {
            let (cells, columns) = (counted(count, "cell"), counted(self.columns.len(), "column"));
            let message = format!("the row has {cells}, and the header has {columns}");
            return Err(Report::new(&WRONG_COLUMN_COUNT, message));
        }
        self.columns.iter().skip(count).for_each(|column| row.absent(column));
        let record = row.finish(record)?;
        self.judge.as_ref().map_or(Ok(()), |judge| judge.check(&record))?;
        Ok(record)
    }

    #[inline]
    fn is_absent(&self, text: &str, quoted: bool) -> bool {
        (!quoted || self.rules.quoted_absent)
            && (text.is_empty() || self.rules.absent.iter().any(|marker| marker == text))
    }
}

fn listed(compiled: &Compiled, field: &FieldCheck) -> Listed {
    match field.listed.absent {
        Absent::Missing if compiled.node(field.node).nullable => {
            Listed { absent: Absent::Null, ..field.listed.clone() }
        }
        _ => field.listed.clone(),
    }
}

fn column(
    compiled: &Compiled,
    record: &RecordCheck,
    name: &str,
    names: &HashSet<&str>,
) -> Result<Column, Report> {
    let key = Key::String(Str::new(name));
    if let Some(position) = record.position(usize::MAX, name) {
        let field = &record.fields[position];
        if !compiled.is_scalar(field.node) {
            let kind = compiled.node(field.node).shape.name();
            let message = format!("the column `{name}` is a {kind}, which a cell cannot hold");
            return Err(Report::new(&WRONG_HEADER, message));
        }
        let keeps_blanks = compiled.keeps_blanks(field.node);
        return Ok(Column {
            key,
            field: Some(position),
            node: field.node,
            keeps_blanks,
            hidden: field.hidden,
        });
    }
    let Some(rest) = record.other(name) else {
        let report = Report::new(&WRONG_HEADER, format!("the contract has no field `{name}` for the column"));
        // A field that has its own column is not what this one meant.
        let candidates = record.names().filter(|field| !names.contains(field)).take(MAX_CANDIDATES);
        let guess = if name.len() <= 100 { nearest(name, candidates) } else { None };
        return Err(match guess {
            Some(guess) => report.hint(format!("rename the column to `{guess}`")),
            None => report,
        });
    };
    let keeps_blanks = compiled.keeps_blanks(rest);
    Ok(Column { key, field: None, node: rest, keeps_blanks, hidden: false })
}

/// The first of some reports, and of how many other columns there would be more.
fn bounded(reports: Vec<Report>, said: &str) -> impl Iterator<Item = Report> {
    let more = reports.len().saturating_sub(MAX_LISTED);
    let rest =
        (more > 0).then(|| Report::new(&WRONG_HEADER, format!("{said} {}", counted(more, "other column"))));
    reports.into_iter().take(MAX_LISTED).chain(rest)
}

/// One row being decoded.
struct Row<'d, 'b, P> {
    decoder: &'d RowDecoder,
    builder: &'b mut Builder,
    /// How many fields were filled before it.
    filled: usize,
    listed: P,
    others: Vec<(Key, Value)>,
    violations: Violations,
}

impl<P: Planned> Row<'_, '_, P> {
    fn cell(&mut self, column: &Column, Cell { bytes, quoted }: Cell<'_>) -> Result<(), Report> {
        let cell = std::str::from_utf8(bytes).map_err(|error| bad_encoding(column, bytes, error))?;
        let text = if column.keeps_blanks { cell } else { trimmed(cell) };
        if self.decoder.is_absent(text, quoted) {
            self.absent(column);
            return Ok(());
        }
        let value = match self.decoder.compiled.read_scalar(column.node, cell) {
            Ok(value) => value,
            Err(failure) => {
                if self.violations.wanted() {
                    let path = Path::ROOT.field(column.name(), column.hidden);
                    self.violations.push(failure.report(&Found::Text(text), &path));
                } else {
                    self.violations.count();
                }
                Value::Null
            }
        };
        match column.field {
            Some(field) => self.listed.set(self.builder, &self.decoder.fields, field, value),
            None => self.others.push((column.key.clone(), value)),
        }
        Ok(())
    }

    /// A column without a cell, or whose cell is absent.
    fn absent(&mut self, column: &Column) {
        if column.field.is_some_and(|field| self.decoder.fields[field].is_demanded()) {
            self.violations.push(violation::missing(column.name(), &Path::ROOT));
        }
    }

    fn finish(mut self, record: &RecordCheck) -> Result<Value, Report> {
        let mut map = self.listed.finish(self.builder, &self.decoder.fields)?;
        for (key, value) in self.others {
            map.push_new(key, value);
        }
        let there = map.len() - (self.builder.filled() - self.filled);
        if let Err(failure) = check_length(&record.length, there, "fields") {
            self.violations.push(failure.report(&Found::Token("the row"), &Path::ROOT));
        }
        self.violations.finish(Value::Map(Arc::new(map)))
    }
}

#[cold]
fn bad_encoding(column: &Column, cell: &[u8], error: std::str::Utf8Error) -> Report {
    let at = error.valid_up_to();
    let message = format!("byte {at} of the cell is 0x{:02X}, which is not UTF-8", cell[at]);
    Report::new(&BAD_ENCODING, message).path(Path::ROOT.field(column.name(), false).pointer())
}
