//! What a list may be asked: filters, order, page size and cursor, from the query of a URL.

use std::borrow::Cow;

use tenon_errors::{Report, nearest};
use tenon_model::{Shape, Str, Value};
use tenon_plan::Table;
use tenon_ports::{Comparison, Filter, Predicate, Query, Sort, comparison::unordered};

use super::{
    cursor,
    parameters::{bad, clip, pairs, together, value},
};

/// The parameters that are not columns.
const OWN: &[&str] = &["sort", "limit", "cursor"];

/// What the plan allows for one list.
#[derive(Debug)]
pub(crate) struct ListSpec {
    /// Identifies the list in cursors.
    pub(crate) name: Str,
    /// The columns that may be filtered by.
    pub(crate) filter: Vec<(Str, Shape)>,
    /// The columns that may be sorted by; the first is the default order.
    pub(crate) sort: Vec<(Str, Shape)>,
    /// The key, which ends every order.
    pub(crate) key: Vec<(Str, Shape)>,
    pub(crate) page_size: usize,
    pub(crate) max_page_size: usize,
}

impl ListSpec {
    /// The list of `table` that filters by `filter` and sorts by `sort`.
    pub(crate) fn new(
        name: &str,
        table: &Table,
        filter: &[Str],
        sort: &[Str],
        sizes: (usize, usize),
    ) -> Self {
        let columns = &table.schema.columns;
        let column = |name: &Str| {
            let found = columns.iter().find(|column| column.name == *name);
            found.map(|column| (column.name.clone(), column.shape.clone()))
        };
        let key = table.schema.key.iter().filter_map(|at| columns.get(*at));
        Self {
            // Another API may have an operation of this name, over another table.
            name: Str::from(format!("{name} {}", table.name)),
            filter: filter.iter().filter_map(column).collect(),
            sort: sort.iter().filter_map(column).collect(),
            key: key.map(|column| (column.name.clone(), column.shape.clone())).collect(),
            page_size: sizes.0,
            max_page_size: sizes.1,
        }
    }

    /// The order where none is asked for.
    pub(crate) fn default_sort(&self) -> Vec<Sort> {
        self.sort
            .first()
            .map(|(column, _)| Sort { column: column.clone(), descending: false })
            .into_iter()
            .collect()
    }

    /// The shapes of the values of a cursor: the sort columns, then the key columns that are not among them.
    fn order(&self, sort: &[Sort]) -> Vec<&Shape> {
        let sorted = sort.iter().filter_map(|sort| find(&self.sort, &sort.column));
        let key = self.key.iter().filter(|(name, _)| !sort.iter().any(|sort| sort.column == *name));
        sorted.chain(key.map(|(_, shape)| shape)).collect()
    }

    /// The query after the page that `cursor` ends.
    pub(crate) fn after(&self, query: &mut Query, cursor: &str) -> Result<(), Report> {
        let fingerprint = cursor::fingerprint(&self.name, query);
        query.after = Some(cursor::decode(cursor, fingerprint, &self.order(&query.sort))?);
        Ok(())
    }

    /// The cursor of the page after `query`, of which `next` is the last row.
    pub(crate) fn next(&self, query: &Query, next: &[Value]) -> String {
        cursor::encode(cursor::fingerprint(&self.name, query), next)
    }

    /// Checks a page size.
    pub(crate) fn limit(&self, limit: Option<i64>) -> Result<usize, String> {
        match limit {
            None => Ok(self.page_size),
            Some(limit) => match usize::try_from(limit) {
                Ok(limit) if (1..=self.max_page_size).contains(&limit) => Ok(limit),
                _ => Err(format!("{limit} is not between 1 and {}", self.max_page_size)),
            },
        }
    }
}

/// Reads the query of a URL. `A0104` names everything that is wrong with it, `A0105` a cursor of another list.
pub(crate) fn parse(text: &str, spec: &ListSpec) -> Result<Query, Report> {
    of_pairs(pairs(text)?, spec)
}

/// The same of names and values that are not written as a query.
pub(crate) fn of_pairs<'p>(
    pairs: impl IntoIterator<Item = (Cow<'p, str>, Cow<'p, str>)>,
    spec: &ListSpec,
) -> Result<Query, Report> {
    let mut reading = Reading { spec, query: Query::default(), sort: None, limit: None, cursor: None };
    let mut reports = Vec::new();
    for (name, value) in pairs {
        if let Err(report) = reading.take(&name, value) {
            reports.push(report);
        }
    }
    if !reports.is_empty() {
        return Err(together(reports));
    }
    let Reading { mut query, sort, limit, cursor, .. } = reading;
    query.sort = sort.unwrap_or_else(|| spec.default_sort());
    query.limit = limit.unwrap_or(spec.page_size);
    if let Some(cursor) = cursor {
        spec.after(&mut query, &cursor)?;
    }
    Ok(query)
}

struct Reading<'a> {
    spec: &'a ListSpec,
    query: Query,
    sort: Option<Vec<Sort>>,
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Reading<'_> {
    fn take(&mut self, name: &str, value: Cow<'_, str>) -> Result<(), Report> {
        match name {
            "sort" => once(name, &mut self.sort, sort(&value, self.spec)?),
            "limit" => {
                let number = value.parse().map_err(|_| {
                    let most = self.spec.max_page_size;
                    bad(name, format!("`{}` is not a whole number between 1 and {most}", clip(&value)))
                })?;
                let limit = self.spec.limit(Some(number)).map_err(|message| bad(name, message))?;
                once(name, &mut self.limit, limit)
            }
            "cursor" => once(name, &mut self.cursor, value.into_owned()),
            _ => {
                let filter = filter(name, &value, self.spec)?;
                self.query.filters.push(filter);
                Ok(())
            }
        }
    }
}

fn once<T>(name: &str, slot: &mut Option<T>, value: T) -> Result<(), Report> {
    if slot.is_some() {
        return Err(bad(name, "it is given more than once"));
    }
    *slot = Some(value);
    Ok(())
}

fn sort(text: &str, spec: &ListSpec) -> Result<Vec<Sort>, Report> {
    let mut order: Vec<Sort> = Vec::new();
    for part in text.split(',') {
        let (column, descending) = part.strip_prefix('-').map_or((part, false), |column| (column, true));
        let Some((column, _)) = spec.sort.iter().find(|(name, _)| name == column) else {
            let report = bad("sort", format!("rows cannot be sorted by `{}`", clip(column)));
            return Err(suggest(report, column, spec.sort.iter().map(|(name, _)| name.as_str())));
        };
        if order.iter().any(|sort| sort.column == *column) {
            return Err(bad("sort", format!("`{column}` is given twice")));
        }
        order.push(Sort { column: column.clone(), descending });
    }
    Ok(order)
}

fn filter(name: &str, text: &str, spec: &ListSpec) -> Result<Filter, Report> {
    let (column, operator) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((column, operator)) => (column, operator),
        None => (name, "eq"),
    };
    let Some((column, shape)) = spec.filter.iter().find(|(known, _)| known == column) else {
        let report = bad(name, "there is no such parameter");
        let known = spec.filter.iter().map(|(name, _)| name.as_str()).chain(OWN.iter().copied());
        return Err(suggest(report, column, known));
    };
    let Some(comparison) = Comparison::of(operator) else {
        let report = bad(name, format!("`{}` is not a comparison", clip(operator)));
        return Err(suggest(report, operator, Comparison::for_values(shape).map(Comparison::word)));
    };
    if comparison.asks_for_order()
        && let Some(why) = unordered(shape)
    {
        let message = format!("`{column}` {why}, and has no order");
        return Err(bad(name, message).hint("compare it with `eq`, `ne` or `in`"));
    }
    let predicate = predicate(name, comparison, text, shape)?;
    Ok(Filter { column: column.clone(), predicate })
}

fn predicate(name: &str, comparison: Comparison, text: &str, shape: &Shape) -> Result<Predicate, Report> {
    match comparison {
        Comparison::In => {
            let values: Vec<_> = text.split(',').take(Comparison::MOST_VALUES + 1).collect();
            if values.len() > Comparison::MOST_VALUES {
                return Err(bad(name, format!("more than {} values", Comparison::MOST_VALUES)));
            }
            values.iter().map(|text| value(name, text, shape)).collect::<Result<_, _>>().map(Predicate::In)
        }
        Comparison::Null => match text {
            "true" => Ok(Predicate::IsNull(true)),
            "false" => Ok(Predicate::IsNull(false)),
            other => Err(bad(name, format!("`{}` is not `true` or `false`", clip(other)))),
        },
        one => {
            let value = value(name, text, shape)?;
            one.with(value).ok_or_else(|| bad(name, format!("`{}` does not take one value", one.word())))
        }
    }
}

pub(super) fn suggest<'a>(
    report: Report,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Report {
    // The distance to a long name takes time in its square, and no column is that long.
    if name.len() <= 80
        && let Some(near) = nearest(name, known.clone())
    {
        return report.hint(format!("write `{near}`"));
    }
    let known: Vec<_> = known.collect();
    if known.is_empty() { report } else { report.hint(format!("use one of {}", known.join(", "))) }
}

fn find<'a>(columns: &'a [(Str, Shape)], name: &str) -> Option<&'a Shape> {
    columns.iter().find(|(known, _)| known == name).map(|(_, shape)| shape)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spec() -> ListSpec {
        ListSpec {
            name: "flights".into(),
            filter: vec![
                ("carrier".into(), Shape::string()),
                ("number".into(), Shape::INT),
                ("at".into(), Shape::TIMESTAMP),
                ("sent".into(), Shape::BOOL),
            ],
            sort: vec![("at".into(), Shape::TIMESTAMP), ("id".into(), Shape::string())],
            key: vec![("id".into(), Shape::string())],
            page_size: 50,
            max_page_size: 200,
        }
    }

    #[test]
    fn a_query_names_filters_order_and_page() {
        let query =
            parse("carrier=UA&at[gte]=2013-01-01T00:00:00Z&number[in]=1,2&sort=-at,id&limit=7", &spec())
                .unwrap();
        let columns: Vec<_> = query.filters.iter().map(|filter| filter.column.as_str()).collect();
        assert_eq!(columns, ["carrier", "at", "number"]);
        assert_eq!(query.filters[2].predicate, Predicate::In(vec![Value::Int(1), Value::Int(2)]));
        assert_eq!(query.sort.iter().map(|sort| sort.descending).collect::<Vec<_>>(), [true, false]);
        assert_eq!(query.limit, 7);
    }

    #[test]
    fn without_a_query_the_first_sort_column_and_the_page_size_count() {
        let query = parse("", &spec()).unwrap();
        assert_eq!((query.sort[0].column.as_str(), query.sort.len(), query.limit), ("at", 1, 50));
    }

    #[test]
    fn what_is_not_a_parameter_is_refused_with_a_suggestion() {
        for (text, message, hint) in [
            ("carier=UA", "there is no such parameter", "write `carrier`"),
            (
                "zzz=1",
                "there is no such parameter",
                "use one of carrier, number, at, sent, sort, limit, cursor",
            ),
            ("carrier[equals]=UA", "is not a comparison", "use one of"),
            ("carrier[ltt]=UA", "is not a comparison", "write `lt"),
            (
                "sent[lt]=true",
                "`sent` is true or false, and has no order",
                "compare it with `eq`, `ne` or `in`",
            ),
            ("sent[ltt]=true", "is not a comparison", "use one of eq, ne, in, null"),
            ("sort=carrier", "cannot be sorted by", "use one of at, id"),
            ("sort=at,at", "given twice", ""),
            ("sort=at&sort=id", "given more than once", ""),
            ("limit=0", "is not between 1 and 200", ""),
            ("limit=201", "is not between 1 and 200", ""),
            ("limit=-1", "-1 is not between 1 and 200", ""),
            ("limit=ten", "`ten` is not a whole number between 1 and 200", ""),
            ("number=ten", "parameter `number`", ""),
            ("carrier[null]=maybe", "is not `true` or `false`", ""),
        ] {
            let report = parse(text, &spec()).unwrap_err();
            assert_eq!(report.code().id, "A0104", "{text}");
            assert!(report.message().contains(message), "{text}: {report}");
            assert!(report.advice().unwrap_or("").contains(hint), "{text}: {:?}", report.advice());
        }
    }

    #[test]
    fn every_bad_parameter_is_named() {
        let report = parse("a=1&b=2&limit=x", &spec()).unwrap_err();
        assert_eq!(report.details().len(), 3);
    }

    #[test]
    fn a_cursor_is_bound_to_its_filter_and_sort() {
        let spec = spec();
        let query = parse("carrier=UA", &spec).unwrap();
        let next =
            spec.next(&query, &[Value::Timestamp(tenon_model::Instant::UNIX_EPOCH), Value::from("id-1")]);
        let second = parse(&format!("carrier=UA&cursor={next}"), &spec).unwrap();
        assert_eq!(second.after.unwrap()[1], Value::from("id-1"));
        for other in ["", "carrier=AA&", "carrier=UA&sort=id&", "carrier=UA&number=1&"] {
            let report = parse(&format!("{other}cursor={next}"), &spec).unwrap_err();
            assert_eq!(report.code().id, "A0105", "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(text in "[a-z\\[\\]=&,%+0-9A-F-]{0,200}|.{0,100}") {
            let _ = parse(&text, &spec());
        }
    }
}
