//! Which dead letters are meant: by id, flow and code.

use std::{collections::BTreeSet, sync::Arc};

use tenon_engine::{Options, inspect};
use tenon_errors::{
    Report, Reports, catalogue,
    catalogue::{delivery::DEAD_LETTER_NOT_FOUND, engine::BAD_USAGE, project::UNKNOWN_NAME},
    nearest,
};
use tenon_model::Str;
use tenon_plan::Plan;
use tenon_ports::{Cause, DeadLetter, DeadLetterQuery, State};
use tokio::runtime::Runtime;

use crate::{args::Selection, commands};

/// How many dead letters are fetched at a time.
const PAGE: usize = 1_000;

/// A selection whose names are known, and where it selects from.
pub(super) struct Selected {
    pub(super) selection: Selection,
    pub(super) options: Options,
    pub(super) state: Arc<dyn State>,
    /// The project, if it checks: what failed can be looked at while it does not.
    pub(super) plan: Option<Arc<Plan>>,
    causes: Vec<Cause>,
}

impl Selected {
    pub(super) fn new(runtime: &Runtime, mut selection: Selection) -> Result<Self, Reports> {
        if selection.ids.iter().any(String::is_empty) {
            let report = Report::new(&BAD_USAGE, "an id is empty");
            return Err(report.hint("name the id, or leave it out").into());
        }
        if let Some(code) = &mut selection.code {
            *code = known_code(code)?;
        }
        let options = commands::serving_nothing(selection.project.clone().into());
        let plan = tenon_engine::load(&options).plan.ok();
        let state = inspect::state(&options)?;
        let causes = runtime.block_on(state.dead_letter_causes())?;
        if let (Some(flow), Some(plan)) = (&selection.flow, &plan) {
            let of_plan = plan.flows.iter().map(|flow| flow.name.as_str());
            // Flows that are gone may have left dead letters.
            known_flow(flow, &of_plan.chain(causes.iter().map(|cause| cause.flow.as_str())).collect())?;
        }
        Ok(Self { selection, options, state, plan, causes })
    }

    /// How many there are by cause, of the flow and code that are meant.
    pub(super) fn causes(&self) -> Vec<&Cause> {
        let Selection { flow, code, .. } = &self.selection;
        let meant =
            |wanted: &Option<String>, name: &Str| wanted.as_ref().is_none_or(|it| it == name.as_str());
        self.causes.iter().filter(|it| meant(flow, &it.flow) && meant(code, &it.code)).collect()
    }

    /// The dead letters that are meant, at most `limit`. Nothing to select from is no problem.
    ///
    /// # Errors
    /// `F0003` if an id was named that none has.
    pub(super) fn letters(&self, runtime: &Runtime, limit: usize) -> Result<Vec<DeadLetter>, Report> {
        self.each(runtime, limit, |letter| letter)
    }

    /// The ids of all that are meant.
    ///
    /// # Errors
    /// `F0003` if an id was named that none has.
    pub(super) fn ids(&self, runtime: &Runtime) -> Result<Vec<Str>, Report> {
        self.each(runtime, usize::MAX, |letter| letter.id)
    }

    /// Something of each of the dead letters that are meant, of which only some are held at a time.
    fn each<T>(
        &self,
        runtime: &Runtime,
        limit: usize,
        mut keep: impl FnMut(DeadLetter) -> T,
    ) -> Result<Vec<T>, Report> {
        let Selection { ids, .. } = &self.selection;
        if ids.is_empty() {
            return self.fetch(runtime, None, limit, &mut |letter| Some(keep(letter)));
        }
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for id in ids {
            let mut any = false;
            let letters = self.fetch(runtime, Some(id), limit, &mut |letter| {
                any = true;
                seen.insert(letter.id.clone()).then(|| keep(letter))
            })?;
            if !any {
                let report = Report::new(&DEAD_LETTER_NOT_FOUND, format!("there is no dead letter `{id}`"));
                return Err(report.hint("list them with `tenon dead list`"));
            }
            found.extend(letters);
        }
        found.truncate(limit);
        Ok(found)
    }

    fn fetch<T>(
        &self,
        runtime: &Runtime,
        id: Option<&String>,
        limit: usize,
        keep: &mut impl FnMut(DeadLetter) -> Option<T>,
    ) -> Result<Vec<T>, Report> {
        let text = |text: &Option<String>| text.as_deref().map(Str::from);
        let (mut found, mut after) = (Vec::new(), None);
        while found.len() < limit {
            let query = DeadLetterQuery {
                flow: text(&self.selection.flow),
                code: text(&self.selection.code),
                id: id.map(|id| id.as_str().into()),
                after: after.clone(),
                limit: PAGE.min(limit - found.len()),
            };
            let page = runtime.block_on(self.state.dead_letters(query))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            found.extend(page.into_iter().filter_map(&mut *keep));
        }
        Ok(found)
    }
}

fn known_code(wanted: &str) -> Result<String, Report> {
    if let Some(code) = catalogue::find(wanted) {
        return Ok(code.id.to_owned());
    }
    let report = Report::new(&BAD_USAGE, format!("`{wanted}` is not a code"));
    Err(match nearest(wanted, catalogue::all().flat_map(|code| [code.id, code.name])) {
        Some(meant) => report.hint(format!("write `{meant}`")),
        None => report.hint("see `tenon explain --list`"),
    })
}

fn known_flow(wanted: &str, known: &BTreeSet<&str>) -> Result<(), Report> {
    if known.contains(wanted) {
        return Ok(());
    }
    let report = Report::new(&UNKNOWN_NAME, format!("the project has no flow `{wanted}`"));
    let listed: Vec<_> = known.iter().copied().collect();
    Err(match nearest(wanted, known.iter().copied()) {
        Some(meant) => report.hint(format!("use `{meant}`")),
        None => report.hint(format!("use one that exists: `{}`", listed.join("`, `"))),
    })
}
