//! What may be typed about callers: bans, tokens and keys.

use clap::{Args as ClapArgs, Subcommand};

use super::ProjectOption;

/// Who is banned.
#[derive(Debug, Clone, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct Whom {
    /// The callers of this subject, however they prove who they are.
    #[arg(long)]
    pub principal: Option<String>,
    /// The API key, user or certificate of this name, or the token with this `jti`.
    #[arg(long)]
    pub credential: Option<String>,
    /// This address, or a network as `192.0.2.0/24`.
    #[arg(long)]
    pub address: Option<String>,
}

/// `tenon ban`.
#[derive(Debug, Subcommand)]
pub enum Ban {
    /// Ban somebody.
    Add {
        #[command(flatten)]
        whom: Whom,
        /// For so long; until it is lifted without it.
        #[arg(long = "for", value_name = "DURATION")]
        duration: Option<String>,
        /// Why: for the log and `tenon ban list`, never for the caller.
        #[arg(long, default_value = "")]
        reason: String,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Lift a ban.
    Lift {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// List the bans.
    List {
        #[command(flatten)]
        project: ProjectOption,
    },
}

/// `tenon token`.
#[derive(Debug, Clone, ClapArgs)]
pub struct TokenArgs {
    /// The API that it is for, if several take tokens.
    #[arg(long)]
    pub api: Option<String>,
    /// The issuer that it stands for [default: the first one of the API].
    #[arg(long)]
    pub issuer: Option<String>,
    /// Who calls.
    #[arg(long, default_value = "developer")]
    pub subject: String,
    /// What the caller may do; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// How long it holds, at most 30d.
    #[arg(long, default_value = "1h", value_name = "DURATION")]
    pub expires: String,
    /// A further claim, as `tenant=acme`: JSON, or text where it is none; may be repeated, and replaces what the token would say.
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub claims: Vec<String>,
    #[command(flatten)]
    pub project: ProjectOption,
}

/// `tenon key`.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make an API key, and show it once, with the hash that goes into the project.
    Make {
        /// Read the key from standard input instead; only its hash is shown.
        #[arg(long)]
        stdin: bool,
    },
    /// Show the hash of a password that is read from standard input, for `auth.basic`.
    Password,
    /// List the API keys and users of the project: owners, what they may do, when they expire and were used last.
    List {
        #[command(flatten)]
        project: ProjectOption,
    },
}
