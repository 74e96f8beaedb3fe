//! Operations that are asked of a service: those that a project writes in GraphQL's executable language (specification of September
//! 2025, section 2), or one for each field of the root types.

mod answering;
mod chosen;
mod exchange;
pub(super) mod model;
mod refusal;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc};

use tenon_errors::{
    Place, Report, Reports,
    catalogue::contract::{BAD_CONTRACT, UNSUPPORTED_KEYWORD},
};
use tenon_model::{Shape, Str};

pub use self::exchange::GraphQlExchange;
use self::{
    exchange::Asked,
    model::{Executable, Requested},
};
use super::{
    MAX_BYTES, Rules, check,
    model::{Field, Model, Operation as Root},
    modelled, read,
    shape::{Answers, Shaper, fragments, is_deprecated, with_reason},
};
use crate::{
    format::{Exchange, Exchanges, NoFiles, Operation, Source},
    problems::{Problems, Text},
};

/// The operations of a service that can be called.
#[derive(Debug)]
pub struct Requests {
    /// The operations, in the order of their file.
    pub operations: Vec<Operation>,
    /// How they are asked for.
    pub exchanges: Arc<dyn Exchanges>,
    /// What the schema has and cannot be called, each with the reason.
    pub left_out: Vec<Report>,
    /// What is read otherwise than the schema alone says.
    pub notes: Vec<Report>,
}

/// Reads the operations that `documents` defines, of the service that `schema` describes; without it, one for each field of the root types,
/// which asks for what is chosen of it: scalars and enumerations, and what is in objects up to a depth of three.
///
/// # Errors
/// `C0001` with each problem at its place: of the schema, or of the operations.
pub fn requests(schema: &Source<'_>, documents: Option<&Source<'_>>) -> Result<Requests, Reports> {
    let text = Text::new(schema.file, schema.text);
    let (model, _) = modelled(schema, &text, Rules::Checked)?;
    let mut left_out = Vec::new();
    let files = match documents {
        Some(source) => vec![File::written(&model, source)?],
        None => {
            let mut files = Vec::new();
            for choice in chosen::all(&model) {
                let at = text.place(&choice.field.name.span);
                match choice.written {
                    Ok(written) => files.push(File::chosen(&model, choice.field, written, at)?),
                    Err(why) => left_out.push(Report::new(&UNSUPPORTED_KEYWORD, why).at(at)),
                }
            }
            files
        }
    };
    let mut shaper = Shaper::new(&model, &text);
    shaper.define();
    let notes = std::mem::take(&mut shaper.notes);
    let (mut operations, mut asked, mut reports) = (Vec::new(), Vec::new(), Reports::new());
    for file in &files {
        let within = Text::new(schema.file, &file.text);
        let within = documents.map_or(within, |source| Text::new(source.file, source.text));
        for request in &file.executable.operations {
            match operation(&mut shaper, request, file, &within) {
                Ok((operation, ask)) => {
                    operations.push(operation);
                    asked.push(ask);
                }
                Err(report) => reports.push(report),
            }
        }
    }
    if !reports.is_empty() {
        return Err(reports);
    }
    let shapes = operations.iter().map(|it| (it.input.clone(), it.output.clone())).collect();
    let exchanges = Arc::new(GraphQlExchanges { asked, shapes });
    Ok(Requests { operations, exchanges, left_out, notes })
}

/// Operations as they are written.
struct File<'m> {
    text: String,
    executable: Executable,
    /// The field that the only operation asks for, and where it is defined, where no project wrote the operation.
    of: Option<(&'m Field, Place)>,
}

impl<'m> File<'m> {
    fn written(model: &Model, source: &Source<'_>) -> Result<Self, Reports> {
        let executable = executable(model, source)?;
        Ok(Self { text: source.text.to_owned(), executable, of: None })
    }

    fn chosen(model: &Model, field: &'m Field, text: String, at: Place) -> Result<Self, Reports> {
        let source = Source { file: "", text: &text, files: &NoFiles };
        let executable = executable(model, &source)?;
        Ok(Self { text, executable, of: Some((field, at)) })
    }
}

/// The operations of `source`, checked against `model`.
fn executable(model: &Model, source: &Source<'_>) -> Result<Executable, Reports> {
    let text = Text::new(source.file, source.text);
    let mut problems = Problems::new(&text);
    if source.text.len() > MAX_BYTES {
        problems.bad(&(0..0), format!("the file has more than {MAX_BYTES} bytes"), "split the file");
        return Err(problems.finish());
    }
    let executable = read::executable(source.text, &mut problems);
    if problems.is_empty() {
        check::requests::check(model, &executable, &mut problems);
    }
    if problems.is_empty() && executable.operations.is_empty() {
        problems.bad(&(0..0), "the file has no operations", "write `query getOrder { … }`");
    }
    if problems.is_empty() { Ok(executable) } else { Err(problems.finish()) }
}

/// What `request` of `file` takes and answers, and how it is asked for.
fn operation<'m>(
    shaper: &mut Shaper<'m, '_>,
    request: &'m Requested,
    file: &'m File<'_>,
    text: &Text<'_>,
) -> Result<(Operation, Asked), Report> {
    let executable = &file.executable;
    let input = shaper.inputs(&request.variables);
    let answer = Answers { shaper, executable, seen: 0 }.answer(request);
    let output = answer.map_err(|(span, message, hint)| {
        Report::new(&BAD_CONTRACT, message).at(text.place(&span)).hint(hint)
    })?;
    let name = request.name.as_ref().map(|name| Str::new(&name.text)).unwrap_or_default();
    let mut operation = Operation {
        address: Str::from(format!("{} {name}", request.operation.word())),
        name: name.clone(),
        doc: request.doc.as_deref().map(Str::new),
        deprecated: false,
        input,
        output,
        errors: Vec::new(),
        streams_input: false,
        streams_output: false,
        place: text.place(request.name.as_ref().map_or(&request.span, |name| &name.span)),
    };
    if let Some((field, place)) = &file.of {
        // The answer is the field alone.
        operation.output = operation.output.field(&name).map_or(Shape::ANY, |field| field.shape.clone());
        operation.place = place.clone();
        operation.doc = with_reason(field.doc.as_deref(), &field.directives);
        operation.deprecated = is_deprecated(&field.directives);
    }
    let asked = Asked {
        query: query(request, file),
        is_query: request.operation == Root::Query,
        only: file.of.is_some().then(|| name.clone()),
        name,
    };
    Ok((operation, asked))
}

/// The text of an operation, with the fragments that it is made of.
fn query(request: &Requested, file: &File<'_>) -> Str {
    let mut used = HashSet::new();
    fragments(&request.selections, &file.executable, &mut used);
    let parts = file.executable.fragments.iter().filter(|it| used.contains(it.name.text.as_str()));
    let spans = std::iter::once(&request.span).chain(parts.map(|it| &it.span));
    let texts: Vec<_> = spans.filter_map(|span| file.text.get(span.clone())).collect();
    Str::from(texts.join("\n"))
}

/// Makes the exchanges of operations.
#[derive(Debug)]
struct GraphQlExchanges {
    asked: Vec<Asked>,
    /// What each takes and answers.
    shapes: Vec<(Shape, Shape)>,
}

impl Exchanges for GraphQlExchanges {
    fn exchange(&self, position: usize) -> Result<Option<Arc<dyn Exchange>>, Reports> {
        let (Some(asked), Some((input, output))) = (self.asked.get(position), self.shapes.get(position))
        else {
            return Ok(None);
        };
        Ok(Some(Arc::new(GraphQlExchange::new(asked.clone(), input, output)?)))
    }
}
