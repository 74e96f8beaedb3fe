//! `each`: a list made of the items of another one.

use tenon_errors::{Place, Report, catalogue::expression::TARGET_MISMATCH};
use tenon_model::{Kind, Shape, Str};

use super::{
    Compiler, Template,
    maker::Maker,
    words::{named, shortened},
};
use crate::{
    Located, Path, Source,
    check::{Local, Need},
    fits::a,
    reads::{Item, Reads},
    types::{Ty, View},
};

/// The parts of [`Template::Each`].
pub(super) struct Each<'t> {
    pub(super) list: &'t Source,
    pub(super) name: &'t Located<Str>,
    pub(super) item: &'t Template,
    pub(super) place: &'t Place,
}

impl Compiler<'_> {
    pub(super) fn each(
        &mut self,
        each: &Each<'_>,
        target: &Shape,
        path: &Path,
        optional: bool,
    ) -> Option<Maker> {
        let need = Need { present: !optional, not_null: !optional };
        let list = self.check(need, each.list);
        let item_shape = self.item_shape(each, target, path)?;
        let list = list?;
        let ty = match list.ty.non_null().view() {
            View::List(item) => item,
            View::Dyn | View::Nothing => Ty::DYN,
            _ => {
                let (text, kind) = (shortened(&each.list.text), a(&list.ty.name()));
                let report =
                    Report::new(&TARGET_MISMATCH, format!("`each` goes over a list, and `{text}` is {kind}"));
                let hint = format!("name a list, or write `[{text}]` for a list of one");
                self.reports.push(report.at(each.list.whole()).hint(hint));
                return None;
            }
        };
        let mut reads = Reads::below(&self.items);
        let items = reads.range(&list.node);
        let of = self.push_lineage(path, reads, &each.list.text);
        let list = self.quiet(list.node);
        self.items.push(Item { path: items, of });
        self.environment.locals.push(Local { name: each.name.value.clone(), ty });
        let item = self.compile(each.item, &item_shape, &path.items(), false);
        self.environment.locals.pop();
        self.items.pop();
        Some(Maker::Each { list, item: Box::new(item?) })
    }

    /// What each item has to be.
    fn item_shape(&mut self, each: &Each<'_>, target: &Shape, path: &Path) -> Option<Shape> {
        let resolved = &*target.resolved();
        let item = match &resolved.kind {
            Kind::List(list) => Some(list.item.clone()),
            Kind::Any | Kind::Named(_) => Some(Shape::ANY),
            Kind::Union(union) => {
                union.variants.iter().find_map(|(_, variant)| match &variant.resolved().kind {
                    Kind::List(list) => Some(list.item.clone()),
                    _ => None,
                })
            }
            _ => None,
        };
        if item.is_none() {
            let message = format!("{} takes {}, and `each` makes a list", named(path), a(&resolved.name()));
            let report = Report::new(&TARGET_MISMATCH, message).at(each.place.clone());
            self.reports.push(report.hint("write one expression, or the fields of the record, in its place"));
        }
        item
    }
}
