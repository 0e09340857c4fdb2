//! The documents say what the product has.

use clap::CommandFactory;
use mahalleh::cli::Cli;

fn configuration() -> &'static str {
    include_str!("../../docs/configuration.md")
}

/// The environment variables of `serve`, each with its default.
fn settings() -> Vec<(String, Option<String>)> {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").expect("serve");
    let text = |word: &std::ffi::OsStr| word.to_string_lossy().into_owned();
    serve
        .get_arguments()
        .filter_map(|flag| Some((text(flag.get_env()?), flag.get_default_values().first().map(|value| text(value)))))
        .collect()
}

#[test]
fn every_setting_is_documented_with_its_default() {
    let settings = settings();
    assert!(settings.len() > 10, "serve has lost its settings");
    for (name, default) in settings {
        let row = configuration().lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md has no row for {name}"));
        if let Some(default) = default {
            assert!(row.starts_with(&format!("| `{name}` | `{default}` |")), "{name}: the default is {default}, the document says {row}");
        }
    }
}

#[test]
fn no_setting_is_documented_that_there_is_not() {
    let known: Vec<String> = settings().into_iter().map(|(name, _)| name).collect();
    let sources = [
        include_str!("../../src/telemetry.rs"),
        include_str!("../../src/config.rs"),
        include_str!("../../src/cli/remote.rs"),
        include_str!("../../src/cli/remote/account.rs"),
    ];
    for row in configuration().lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = row.split('`').next().unwrap_or_default();
        let is_setting = name.starts_with("MAHALLEH_") || name.starts_with("DATABASE_");
        let is_known = known.iter().any(|known| known == name) || sources.iter().any(|text| text.contains(&format!("\"{name}\"")));
        assert!(!is_setting || is_known, "{name} is documented, but nothing reads it");
    }
}
