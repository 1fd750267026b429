use std::fs;

use tempfile::TempDir;

use crate::program::run;

const IMPORT: [&str; 6] = ["import", "leads.csv", "--campaign", "spring", "--country", "US"];

#[test]
fn mended_rejects_land() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("leads.csv"), "Phone,Name\n(201) 555-0100,Ana\nn/a,=Bo\n").unwrap();

    let (status, said) = run(folder.path(), &IMPORT);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("leads.csv: line 3, column Phone: not a telephone number"), "{said}");
    assert!(said.contains("2 rows, 0 new in campaign spring, 1 bad"), "{said}");

    let (status, said) = run(folder.path(), &[&IMPORT[..], &["--skip-bad"]].concat());
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("2 rows, 1 new in campaign spring, 1 bad"), "{said}");

    let rejects = fs::read_to_string(file("leads.rejects.csv")).unwrap();
    assert!(rejects.ends_with(",n/a,'=Bo\n"), "{rejects}");
    fs::write(file("leads.csv"), rejects.replace("n/a", "201-555-0101")).unwrap();
    let (status, said) = run(folder.path(), &IMPORT);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("1 row, 1 new in campaign spring, 0 bad"), "{said}");

    let (_, said) = run(folder.path(), &[&IMPORT[..], &["--dry-run"]].concat());
    assert!(said.contains("0 new in campaign spring (a dry run)"), "{said}");
    assert!(said.contains("1 there already"), "{said}");
}

#[test]
fn numbers_of_a_file_come_onto_the_do_not_call_list_and_leave_it() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("list"), "2015550100\n2015550101\n").unwrap();
    let (status, said) = run(folder.path(), &["dnc", "import", "list", "--country", "US"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = run(folder.path(), &["dnc", "remove", "+12015550100"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = run(folder.path(), &["dnc", "add", "+12015550102", "--reason", "=1+1"]);
    assert_eq!(status, 0, "{said}");
    let (_, list) = run(folder.path(), &["dnc", "list"]);
    let rows: Vec<&str> = list.lines().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(rows, ["number", "+12015550101", "+12015550102"]);
    assert!(list.trim_end().ends_with(",cli,'=1+1"), "{list}");
}
