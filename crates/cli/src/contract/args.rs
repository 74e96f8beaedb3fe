//! What may be typed after `tenon contract`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// `tenon contract`.
#[derive(Debug, Subcommand)]
pub enum Contract {
    /// Show a contract in a readable form: its fields, their kinds and constraints, and notes.
    #[command(
        after_help = "Examples:\n  tenon contract show order\n  tenon contract show contracts/order/1.json --format json"
    )]
    Show {
        /// A file, `REV:path`, or the name of a contract of the project: `order`, `order@2`.
        contract: String,
    },
    /// Check data against a contract: every violation with its place.
    #[command(
        after_help = "Examples:\n  tenon contract validate order orders.jsonl\n  cat order.json | tenon contract validate order - --data json"
    )]
    Validate {
        /// A file, `REV:path`, or the name of a contract of the project.
        contract: String,
        /// Files of data; `-` for standard input.
        #[arg(required = true)]
        data: Vec<PathBuf>,
        /// The form of the data [default: by the ending of the file].
        #[arg(long, value_enum, value_name = "FORM")]
        data_format: Option<DataFormat>,
    },
    /// Write a contract in another format, and say what is lost.
    #[command(
        after_help = "Example:\n  tenon contract convert contracts/order/1.json --to yaml --out order.yaml"
    )]
    Convert {
        /// A file, `REV:path`, or the name of a contract of the project.
        contract: String,
        /// The format, by its name or the ending of its files; of SQL, the dialect: `postgres`, `mysql`, `sqlite`; `graphql-input` for
        /// input types.
        #[arg(long, value_name = "FORMAT")]
        to: String,
        /// The file to write [default: standard output].
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Compare two versions of a contract, or of all contracts in a folder: what breaks, and a value that shows it.
    #[command(after_help = "Examples:\n  tenon contract diff order@1 order@2\n  \
                            tenon contract diff git:main:contracts contracts --fail-on full\n  \
                            tenon contract diff HEAD:api/order.json api/order.json --role reply --sarif > diff.sarif")]
    Diff {
        /// What it was: a file, a folder, `REV:path` or `git:REV:path`, or the name of a contract.
        old: String,
        /// What it is now.
        new: String,
        /// What the contracts describe.
        #[arg(long, value_enum, default_value_t = Role::Message)]
        role: Role,
        /// Assume that writers send no fields other than those that their contract lists.
        #[arg(long)]
        lenient: bool,
        /// Exit with 1 if this does not hold.
        #[arg(long, value_enum, default_value_t = FailOn::Backward)]
        fail_on: FailOn,
        /// Write SARIF 2.1.0.
        #[arg(long)]
        sarif: bool,
    },
    /// Make values of a contract: valid ones, ones at its bounds, or ones that break one rule each.
    #[command(
        after_help = "Examples:\n  tenon contract sample order --count 100 --seed 7 --format jsonl\n  \
                            tenon contract sample order --kind invalid"
    )]
    Sample {
        /// A file, `REV:path`, or the name of a contract of the project.
        contract: String,
        /// How many.
        #[arg(long, default_value_t = 10)]
        count: usize,
        /// The same seed gives the same values.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Which values.
        #[arg(long, value_enum, default_value_t = Sort::Valid)]
        kind: Sort,
    },
    /// Say what a contract leaves open: documentation that is missing, texts without a bound, names of mixed form.
    #[command(after_help = "Example:\n  tenon contract lint order")]
    Lint {
        /// A file, `REV:path`, or the name of a contract of the project.
        contract: String,
    },
    /// Bring the types of a description into the project, each as a contract of its own.
    #[command(after_help = "Examples:\n  tenon contract import shop.graphql --types Order,OrderInput\n  \
                            tenon contract import dump.sql --from mysql --dry-run\n  \
                            tenon contract import order.json --name order")]
    Import(super::import::Asked),
    /// Write a contract and all files that it refers to as one file, or as one folder where its format has no form for that.
    #[command(after_help = "Examples:\n  tenon contract bundle schemas/order.json --out order.json\n  \
                            tenon contract bundle api/shop.proto --out shop")]
    Bundle {
        /// The file.
        file: PathBuf,
        /// The file to write, or the folder [default: standard output].
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Propose a contract for data: a JSON Schema, and what was seen.
    #[command(after_help = "Examples:\n  tenon contract infer orders.csv > contracts/order/1.json\n  \
                            tenon contract infer *.jsonl --enums")]
    Infer {
        /// Files of data; `-` for standard input.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Propose enumerations for texts of which there are few.
        #[arg(long)]
        enums: bool,
        /// The form of the data [default: by the ending of the file].
        #[arg(long, value_enum, value_name = "FORM")]
        data_format: Option<DataFormat>,
    },
}

/// The form of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DataFormat {
    /// One JSON document.
    Json,
    /// A JSON document on each line.
    Jsonl,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
}

/// What contracts describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Messages between producers and consumers, and stored data.
    Message,
    /// What clients send to a service.
    Request,
    /// What clients get from a service.
    Reply,
}

/// What has to hold for the exit code 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Whoever has the new contract understands those who have the old one; of replies, old clients read new replies.
    Backward,
    /// Whoever has the old contract understands those who have the new one.
    Forward,
    /// Both.
    Full,
    /// Nothing.
    None,
}

/// Which values are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Values that the contract allows.
    Valid,
    /// Values at the bounds of what it allows.
    Boundary,
    /// Values that it refuses, each for one reason.
    Invalid,
}
