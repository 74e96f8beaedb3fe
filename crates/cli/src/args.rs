//! What may be typed, with the help that explains it.

mod guarding;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use guarding::{Ban, Key, TokenArgs, Whom};

/// Joins backend systems without glue code.
#[derive(Debug, Parser)]
#[command(
    name = "tenon",
    version,
    about,
    propagate_version = true,
    after_help = "Examples:\n  tenon init shop && cd shop && tenon run --dev\n  tenon check\n  tenon run --watch\n  tenon test\n  \
                  tenon dead list && tenon dead replay --dry-run\n  tenon explain M0006\n\n\
                  Exit codes:\n  0  everything held\n  1  the project, a test or a message did not hold\n  \
                  2  the command line is not valid\n  3  a system or the machine failed; trying again can help\n\n\
                  Machines:\n  --format json writes one JSON document: an array for what is a list (rows, messages,\n  \
                  dead letters, problems), an object otherwise. --format jsonl writes each entry of a\n  \
                  list on a line of its own. Problems go to standard output as well: the exit code tells\n  \
                  them from results. --format csv is for the rows of a table."
)]
pub struct Args {
    /// What is written to standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// When to use colours.
    #[arg(long = "color", visible_alias = "colour", global = true, value_enum, default_value_t = When::Auto)]
    pub colour: When,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document; lists are arrays.
    Json,
    /// JSON, one line for each entry of a list.
    Jsonl,
    /// Comma-separated values (RFC 4180): only for the rows of a table.
    Csv,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the project is and where it keeps its state.
#[derive(Debug, Clone, ClapArgs)]
pub struct Project {
    /// The project folder; the same as --project.
    #[arg(value_name = "PROJECT", conflicts_with = "project")]
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub option: ProjectOption,
}

/// What is called, and with what.
#[derive(Debug, Clone, ClapArgs)]
pub struct CallArgs {
    /// The operation, as in `crm.getCustomer`; of a system alone, what it offers; without both, what all systems offer.
    pub operation: Option<String>,
    /// Its input: JSON, `@FILE`, or `-` for standard input; `{}` without it.
    #[arg(long, value_name = "JSON", requires = "operation")]
    pub input: Option<String>,
    /// Show what goes in and comes out, with an example, and call nothing.
    #[arg(long, requires = "operation", conflicts_with = "input")]
    pub describe: bool,
    /// Show the request, and send nothing.
    #[arg(long, requires = "operation")]
    pub dry_run: bool,
    #[command(flatten)]
    pub project: ProjectOption,
}

/// The same, for commands whose first argument is something else.
#[derive(Debug, Clone, ClapArgs)]
pub struct ProjectOption {
    /// The project folder [default: the current one, or the nearest around it that holds a project].
    #[arg(long, short = 'C', value_name = "PROJECT")]
    pub project: Option<PathBuf>,
    /// The folder for everything that a run writes [default: .tenon in the project].
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Make missing secrets and certificates for development.
    #[arg(long)]
    pub dev: bool,
}

impl From<ProjectOption> for Project {
    fn from(option: ProjectOption) -> Self {
        Self { folder: None, option }
    }
}

/// Reads `127.0.0.1:8080`, or `localhost:8080` for it.
fn listen(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    if let Some(port) = port {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    text.parse()
        .map_err(|_| "an IP address and a port are needed, for example 127.0.0.1:8080 or [::1]:0".to_owned())
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a small project that runs.
    #[command(after_help = "Example:\n  tenon init shop && cd shop && tenon run --dev")]
    Init {
        /// The folder to create.
        folder: PathBuf,
    },
    /// Prove the project: every problem with its place and a hint.
    #[command(after_help = "Examples:\n  tenon check\n  tenon check path/to/project --format json")]
    Check(Project),
    /// Serve the APIs and move the data.
    #[command(after_help = "Examples:\n  tenon run\n  tenon run examples/flights --dev --until-idle\n  \
                            tenon run --watch --listen 127.0.0.1:0")]
    Run(Run),
    /// Run the test documents of the project.
    #[command(
        after_help = "Examples:\n  tenon test\n  UPDATE=1 tenon test\n  tenon test --junit results.xml --filter accepted"
    )]
    Test(Test),
    /// Look at messages that failed, and run them again.
    #[command(
        subcommand,
        after_help = "Examples:\n  tenon dead list\n  tenon dead show load-customers-1a2b-000000000034\n  \
                                        tenon dead replay --dry-run\n  tenon dead drop --code D0201"
    )]
    Dead(Dead),
    /// Look at topics: how much they hold, and their messages.
    #[command(after_help = "Examples:\n  tenon topics\n  tenon topics flights --from 100 --limit 5")]
    Topics {
        /// Show the messages of this topic.
        topic: Option<String>,
        /// From this offset.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most this many messages.
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Look at tables: how much they hold, and their rows.
    #[command(
        after_help = "Examples:\n  tenon tables\n  tenon tables delays --limit 5\n  tenon tables delays --where carrier=UA"
    )]
    Tables {
        /// Show the rows of this table.
        table: Option<String>,
        /// Only rows with this value in this column; an empty value stands for rows without one. All conditions must hold.
        #[arg(long = "where", value_name = "COLUMN=VALUE", requires = "table")]
        conditions: Vec<String>,
        /// At most this many rows.
        #[arg(long, default_value_t = 20)]
        limit: usize,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Call other systems: what they offer, and their answers.
    #[command(
        after_help = "Examples:\n  tenon call\n  tenon call crm.getCustomer --describe\n  tenon call crm.getCustomer --input '{\"path\":{\"id\":\"7\"}}'"
    )]
    Call(CallArgs),
    /// Look at contracts: show, validate, convert, compare, sample, check and infer them.
    #[command(
        subcommand,
        after_help = "Examples:\n  tenon contract show order\n  tenon contract validate order orders.jsonl\n  \
                      tenon contract diff HEAD:contracts contracts --fail-on backward\n  \
                      tenon contract sample order --count 5 --kind invalid\n  tenon contract infer orders.csv"
    )]
    Contract(crate::contract::Contract),
    /// Make API keys and the hashes of passwords, and see who has which.
    #[command(
        subcommand,
        after_help = "Examples:\n  tenon key make\n  tenon key make --stdin < key.txt\n  tenon key password < password.txt\n  tenon key list"
    )]
    Key(Key),
    /// Refuse a caller, a key or a network at once, also while the project runs.
    #[command(
        subcommand,
        after_help = "Examples:\n  tenon ban add --credential ann-2026 --reason 'leaked'\n  tenon ban add --address 192.0.2.0/24 --for 1h\n  tenon ban list\n  tenon ban lift --credential ann-2026"
    )]
    Ban(Ban),
    /// Make a token that `tenon run --dev` accepts as one of its issuers'.
    #[command(
        after_help = "Example:\n  curl -H \"Authorization: Bearer $(tenon token --dev --scope orders:read)\" http://localhost:8080/v1/orders"
    )]
    Token(TokenArgs),
    /// Manage the state folder.
    #[command(
        subcommand,
        after_help = "Examples:\n  tenon state backup /backups/monday\n  tenon state verify /backups/monday\n  \
                      tenon state restore /backups/monday\n  tenon state skip topics/orders\n  tenon state accept topics/orders"
    )]
    State(State),
    /// Explain a code, or anything else that has a name: a step, an object, a connector, a function, a metric.
    #[command(
        after_help = "Examples:\n  tenon explain M0006\n  tenon explain unknown-key\n  tenon explain lookup\n  tenon explain sqlite\n  tenon explain --list"
    )]
    Explain {
        /// The id or name of a code, or the name of anything else.
        #[arg(required_unless_present = "list")]
        code: Option<String>,
        /// List all codes.
        #[arg(long)]
        list: bool,
    },
    /// Print the JSON Schema of the project format, for editors.
    #[command(after_help = "Example:\n  tenon schema > tenon.schema.json")]
    Schema,
    /// Write the documentation of the project.
    #[command(subcommand)]
    Docs(Docs),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  tenon completions bash > /etc/bash_completion.d/tenon")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// `tenon run`.
#[derive(Debug, ClapArgs)]
pub struct Run {
    #[command(flatten)]
    pub project: Project,
    /// Listen here instead of where the project says; port 0 asks for any free one.
    #[arg(long, value_name = "ADDRESS", value_parser = listen)]
    pub listen: Option<SocketAddr>,
    /// Exit after the finite sources are drained and the queues are empty.
    #[arg(long)]
    pub until_idle: bool,
    /// With --until-idle: exit with 1 if a message of this run became a dead letter, for schedulers.
    #[arg(long, requires = "until_idle")]
    pub fail_on_dead: bool,
    /// Reload when a file of the project changes; one that no longer checks keeps the old plan running.
    #[arg(long, conflicts_with = "until_idle")]
    pub watch: bool,
    /// Read the source of this flow from its start again; refused where that would count twice.
    #[arg(long, value_name = "FLOW")]
    pub restart_source: Vec<String>,
    /// Rebuild everything that this flow produced: empty its tables, and read its source from the start.
    #[arg(long, value_name = "FLOW")]
    pub rebuild: Vec<String>,
    /// Treat a source that was already read under this name as new, and add it to what was counted.
    #[arg(long, value_name = "FLOW")]
    pub as_new: Vec<String>,
    /// The form of the log: text on a terminal, JSON otherwise.
    #[arg(long = "log-format", alias = "log", value_enum)]
    pub log: Option<LogFormat>,
}

/// `tenon test`.
#[derive(Debug, ClapArgs)]
pub struct Test {
    /// The project folder, a folder of test documents, or one document [default: the project around this folder].
    pub path: Option<PathBuf>,
    /// The folder that the path starts from.
    #[arg(long, short = 'C')]
    pub project: Option<PathBuf>,
    /// Only cases whose title contains this.
    #[arg(long)]
    pub filter: Option<String>,
    /// Write the results as JUnit XML here.
    #[arg(long)]
    pub junit: Option<PathBuf>,
}

/// Which dead letters.
#[derive(Debug, Clone, ClapArgs)]
pub struct Selection {
    /// Ids, or beginnings of ids.
    pub ids: Vec<String>,
    /// Only of this flow.
    #[arg(long)]
    pub flow: Option<String>,
    /// Only of this code, by id or name.
    #[arg(long)]
    pub code: Option<String>,
    #[command(flatten)]
    pub project: ProjectOption,
}

/// What becomes of a letter whose row or key a later message has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Newer {
    /// The letter stays, and the outcome says so.
    Ask,
    /// What is newer stays; all else takes effect.
    Keep,
    /// The letter overwrites it.
    Overwrite,
}

/// How much of a dead letter is shown.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub struct Sight {
    /// Show the bytes as they came. Without it, fields that the contract gives a sensitivity are masked.
    #[arg(long)]
    pub reveal: bool,
}

/// `tenon dead`.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List dead letters, grouped by cause.
    List {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        sight: Sight,
        /// At most this many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Show dead letters whole: original bytes and report.
    Show {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        sight: Sight,
        /// At most this many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Run the current flow on the original bytes of dead letters; those that pass are removed.
    Replay {
        #[command(flatten)]
        selection: Selection,
        /// Say what would happen, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// What to do with a letter whose row or key a later message has written.
        #[arg(long, value_enum, default_value_t = Newer::Ask)]
        newer: Newer,
    },
    /// Remove dead letters for good.
    Drop {
        #[command(flatten)]
        selection: Selection,
        /// Drop all of them; needed when no id, flow or code is given.
        #[arg(long)]
        all: bool,
    },
}

/// `tenon state`.
#[derive(Debug, Subcommand)]
pub enum State {
    /// Copy the state folder, also while the project runs.
    Backup {
        /// The folder to write to; absent or empty.
        folder: PathBuf,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Put a copy in place of the state folder, which must be absent or empty.
    Restore {
        /// The folder that was written by `tenon state backup`.
        folder: PathBuf,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Look at everything in a copy, or in the state folder, and say what is wrong.
    Verify {
        /// A copy [default: the state folder].
        folder: Option<PathBuf>,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Give up what is damaged in a topic, so that what is sound goes on. What is given up is kept aside and named.
    Skip {
        /// The topic, as the report names it: `topics/NAME`.
        part: String,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Take a part of the state folder as it is found, which the next start would refuse.
    Accept {
        /// The part, as the report names it: `topics/NAME`, the path of a database, or `tenon.db`.
        part: String,
        #[command(flatten)]
        project: ProjectOption,
    },
}

/// `tenon docs`.
#[derive(Debug, Subcommand)]
pub enum Docs {
    /// Write OpenAPI, GraphQL schema and the site into a folder.
    #[command(after_help = "Example:\n  tenon docs export public/")]
    Export {
        /// The folder to write to.
        folder: PathBuf,
        #[command(flatten)]
        project: ProjectOption,
    },
}
