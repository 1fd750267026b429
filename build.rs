//! Builds the pages of `web/` where Node 20 is there, for the binary to serve; without it the binary
//! serves a page that says how to get them.
//!
//! `OUTDIAL_WEB=off` leaves them out. Under CI a machine without Node, or pages that do not build,
//! are an error.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Node that the pages are built with.
const NODE_MIN: u32 = 20;

/// What the pages are made of: a change of anything else does not build them again.
const SOURCES: [&str; 7] = [
    "web/index.html",
    "web/package-lock.json",
    "web/package.json",
    "web/postcss.config.cjs",
    "web/src",
    "web/tsconfig.json",
    "web/vite.config.ts",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=OUTDIAL_WEB");
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let built = out.join("web");
    let wanted = env::var("OUTDIAL_WEB").as_deref() != Ok("off");
    let made = if wanted { make(&built) } else { Err("left out by OUTDIAL_WEB=off".into()) };
    let files = match made {
        Ok(()) => files(&built)?,
        Err(why) if wanted && env::var_os("CI").is_some() => return Err(why),
        Err(why) => {
            println!("cargo:warning=without the web pages: {why}");
            Vec::new()
        }
    };
    fs::write(out.join("pages.rs"), table(&built, &files)?)?;
    Ok(())
}

/// Installs what the pages need, unless it is there, and builds them.
fn make(built: &Path) -> Result<(), Box<dyn Error>> {
    let version = Command::new("node").arg("--version").output();
    let version = version.map_err(|_| format!("Node {NODE_MIN} or newer is not installed"))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|major: u32| major < NODE_MIN) {
        return Err(format!("Node {NODE_MIN} or newer is needed, this is {version:?}").into());
    }
    if !is_installed()? {
        npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"])?;
    }
    let folder = built.to_str().ok_or("the target folder's name is not UTF-8")?;
    npm(&["run", "build", "--", "--outDir", folder, "--emptyOutDir"])
}

/// Whether `web/node_modules` is what the lock file says.
fn is_installed() -> Result<bool, Box<dyn Error>> {
    let wanted = fs::metadata("web/package-lock.json")?.modified()?;
    let installed = fs::metadata("web/node_modules/.package-lock.json");
    Ok(installed.is_ok_and(|installed| installed.modified().is_ok_and(|at| at >= wanted)))
}

fn npm(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let ran = Command::new("npm").args(arguments).current_dir("web").output()?;
    if ran.status.success() {
        return Ok(());
    }
    let said = [ran.stdout, ran.stderr].concat();
    let what = arguments.join(" ");
    Err(format!("npm {what} in web/ failed:\n{}", String::from_utf8_lossy(&said)).into())
}

/// Every built file, relative to the folder, in order; not the compressed twins.
fn files(built: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![built.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|extension| extension != "gz") {
                let name = path.strip_prefix(built)?.to_str().ok_or("a name is not UTF-8")?;
                files.push(name.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The table that `src/api/pages.rs` includes.
fn table(built: &Path, files: &[String]) -> Result<String, Box<dyn Error>> {
    let mut table = "static FILES: &[File] = &[\n".to_owned();
    for name in files {
        let path = built.join(name);
        let twin = built.join(format!("{name}.gz"));
        let gzip = if twin.exists() {
            format!("Some(include_bytes!({twin:?}))")
        } else {
            "None".to_owned()
        };
        writeln!(
            table,
            "    File {{ name: {name:?}, bytes: include_bytes!({path:?}), gzip: {gzip} }},"
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}
