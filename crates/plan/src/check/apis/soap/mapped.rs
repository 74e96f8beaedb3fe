//! What makes of a request what an operation takes, and of what it answers a reply: held against each other as mappings are.

use std::sync::Arc;

use tenon_contracts::{
    format::Operation as Declared,
    validate::Validator,
    wsdl::{self, Envelope},
};
use tenon_document::Node;
use tenon_errors::{Report, Reports, catalogue::expression::TARGET_MISMATCH};
use tenon_mapping::{Located, Mapping, Scope, Template, Type};
use tenon_model::{Shape, Str};

use super::{refused, shapes};
use crate::{
    OperationKind, SoapServing,
    check::{Context, Names, apis::asked::copy, templates},
    parse::Object,
};

/// What expressions call what came, and what the operation answers.
pub(super) const REQUEST: &str = "request";
const ANSWER: &str = "answer";
/// The part of a message that stands beside headers.
const BODY: &str = "body";

/// The two sides of an operation: what its messages hold, and what it takes and answers.
#[derive(PartialEq)]
pub(super) struct Sides {
    request: Shape,
    /// `None` where nothing is answered.
    reply: Option<Shape>,
    asked: Shape,
    answered: Shape,
    /// Where the messages hold them, unless the project says it.
    request_at: Option<&'static str>,
    reply_at: Option<&'static str>,
}

impl Sides {
    pub(super) fn of(envelope: &Envelope, declared: &Declared, kind: &OperationKind, is_made: bool) -> Self {
        let (asked, answered) = (shapes::asked(kind), shapes::answered(kind));
        let at = |shape: &Shape, is_in_parts: bool| match is_in_parts {
            true => Some(BODY),
            false => (is_made && wsdl::is_whole(shape)).then_some(wsdl::WHOLE),
        };
        Self {
            request: declared.input.clone(),
            reply: envelope.operation().output.is_some().then(|| declared.output.clone()),
            request_at: at(&asked, envelope.request_is_in_parts()),
            reply_at: at(&answered, envelope.reply_is_in_parts()),
            asked,
            answered,
        }
    }
}

/// Where an operation is told of.
pub(super) struct Place<'p> {
    pub(super) key: &'p Node,
    pub(super) said: &'p Node,
    /// What it is called in the description.
    pub(super) name: &'p Str,
    pub(super) declared: &'p Declared,
}

impl<'p> Place<'p> {
    /// What the project says of its messages.
    fn soap(&self) -> Option<Object<'p>> {
        let node = self.said.get(super::KEY.name)?;
        node.entries().map(|_| Object::new(node))
    }

    /// Where it is told what does not fit.
    fn node(&self) -> &'p Node {
        self.said.get(super::KEY.name).unwrap_or(self.key)
    }
}

/// What stands between the messages and the operation at `position` of the API.
pub(super) fn serving(
    position: usize,
    sides: &Sides,
    place: &Place<'_>,
    names: &Names,
    context: &mut Context<'_>,
) -> Option<SoapServing> {
    let node = place.node();
    let scope = Scope::new().with_contracts(names.contracts.in_expressions());
    let scope = scope.with(REQUEST, Type::of(sides.request.clone()));
    let request = request(sides, place, &scope, context);
    let rules = context.take_at(node, Validator::new(&sides.asked));
    let reply = reply(sides, place, &scope.with(ANSWER, Type::of(sides.answered.clone())), context);
    let faults = refused::rules(place.soap(), place, &scope, context);
    Some(SoapServing {
        operation: position,
        request: request?,
        rules: Arc::new(rules?),
        reply: reply?,
        faults: faults?,
    })
}

fn request(sides: &Sides, place: &Place<'_>, scope: &Scope, context: &mut Context<'_>) -> Option<Mapping> {
    if let Some((key, node)) = place.soap().and_then(|soap| soap.entry("fields")) {
        let template = templates::record(node, key, context)?;
        return context.take_all_at(&node.place(), Mapping::compile(&template, &sides.asked, scope));
    }
    let text = sides.request_at.map_or(REQUEST.to_owned(), |at| format!("{REQUEST}.{at}"));
    let compiled = Mapping::compile(&copy(text, place.node()), &sides.asked, scope);
    let what = format!("what `{}` is asked for does not fit what the operation takes", place.name);
    fitting(compiled, what, "say under `soap` how the input is made: `fields`", place, context)
}

fn reply(
    sides: &Sides,
    place: &Place<'_>,
    scope: &Scope,
    context: &mut Context<'_>,
) -> Option<Option<Mapping>> {
    let said = place.soap().and_then(|soap| soap.entry("reply"));
    let Some(target) = &sides.reply else {
        if let Some((key, _)) = said {
            let message = format!("`{}` answers nothing", place.name);
            context.problem(Report::new(&TARGET_MISMATCH, message).at(key.place()).hint("remove `reply`"));
        }
        return Some(None);
    };
    if let Some((key, node)) = said {
        let template = templates::lower(node, key, context)?;
        return context.take_all_at(&node.place(), Mapping::compile(&template, target, scope)).map(Some);
    }
    let whole = copy(ANSWER.to_owned(), place.node());
    let template = match sides.reply_at {
        None => whole,
        Some(at) => Template::Record {
            fields: vec![(Located::new(Str::new_static(at), place.node().place()), whole)],
            remaining: None,
            place: place.node().place(),
        },
    };
    let what = format!("what the operation answers does not fit what `{}` promises", place.name);
    let compiled = Mapping::compile(&template, target, scope);
    fitting(compiled, what, "say under `soap` how the reply is made: `reply`", place, context).map(Some)
}

/// The mapping, or one problem that says why what the project does not say how to make cannot be copied.
fn fitting(
    compiled: Result<Mapping, Reports>,
    what: String,
    hint: &str,
    place: &Place<'_>,
    context: &mut Context<'_>,
) -> Option<Mapping> {
    let reports = match compiled {
        Ok(mapping) => return Some(mapping),
        Err(reports) => reports,
    };
    let details = reports.into_iter().map(|it| Report::new(it.code(), it.message()));
    let report = Report::new(&TARGET_MISMATCH, what).at(place.node().place()).with_details(details);
    context.problem(report.hint(hint.to_owned()));
    None
}
