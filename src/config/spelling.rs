//! Did you mean?

/// The known word that is nearest to what was written, when it is near enough to be meant.
pub(super) fn nearest<'w>(
    written: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let near_enough = (written.chars().count() / 3).clamp(1, 3);
    let near = known.into_iter().map(|word| (distance(written, word), word));
    near.filter(|(distance, _)| *distance <= near_enough).min().map(|(_, word)| word)
}

/// How many letters must be put in, taken out, changed or swapped with the next (optimal string
/// alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut next = vec![at + 1];
        for (column, known) in other.iter().enumerate() {
            let changed = row[column] + usize::from(letter != known);
            let mut least = changed.min(row[column + 1] + 1).min(next[column] + 1);
            let swapped =
                at > 0 && column > 0 && one[at - 1] == *known && *letter == other[column - 1];
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["trunk_bind", "agent_bind", "realm"];
        assert_eq!(nearest("trunk_bnd", known), Some("trunk_bind"));
        assert_eq!(nearest("agents_bind", known), Some("agent_bind"));
        assert_eq!(nearest("relm", known), Some("realm"));
        assert_eq!(nearest("raelm", known), Some("realm"));
        assert_eq!(nearest("codec", known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
