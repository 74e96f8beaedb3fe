//! `tenon state`: looking after the state folder.

use tenon_errors::Reports;

use super::{runtime, serving_nothing};
use crate::{
    args::State,
    exit::{Exit, SUCCESS},
    output::Output,
};

pub fn run(state: State, output: &Output) -> Result<Exit, Reports> {
    match state {
        State::Accept { part, project } => {
            let options = serving_nothing(project.into());
            runtime()?.block_on(tenon_engine::state::accept(&options, &part))?;
            output.note(format!("the next start takes `{part}` as it is found"));
            Ok(SUCCESS)
        }
    }
}
