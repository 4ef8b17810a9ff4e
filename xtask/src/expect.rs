//! Comparing what a page shows with what a program showed.
//!
//! `…` inside a line stands for any text in that line; a line that is only `…` stands for any number
//! of lines. White space at the end of a line, and empty lines at the beginning and the
//! end, do not count.

/// Whether `actual` is what `expected` says, line by line.
pub fn ordered(expected: &str, actual: &str) -> bool {
    let expected = lines(expected);
    let actual = lines(actual);
    // reachable[i]: the lines of `expected` read so far can have matched the first i lines of `actual`.
    let mut reachable = vec![false; actual.len() + 1];
    reachable[0] = true;
    for pattern in expected {
        let mut next = vec![false; actual.len() + 1];
        if pattern.trim() == "…" {
            let first = reachable.iter().position(|&reached| reached).unwrap_or(actual.len() + 1);
            next.iter_mut().skip(first).for_each(|reached| *reached = true);
        } else {
            for (index, line) in actual.iter().enumerate() {
                next[index + 1] = reachable[index] && line_matches(pattern, line);
            }
        }
        reachable = next;
    }
    reachable[actual.len()]
}

/// Whether the lines of `actual` are those of `expected`, in any order.
pub fn unordered(expected: &str, actual: &str) -> bool {
    let expected = lines(expected);
    let actual = lines(actual);
    if expected.len() != actual.len() {
        return false;
    }
    // A pairing in which every pattern has a line of its own: Kuhn's augmenting paths.
    let mut owner: Vec<Option<usize>> = vec![None; actual.len()];
    (0..expected.len()).all(|pattern| {
        let mut seen = vec![false; actual.len()];
        find_line(pattern, &expected, &actual, &mut owner, &mut seen)
    })
}

fn find_line(
    pattern: usize,
    expected: &[&str],
    actual: &[&str],
    owner: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for line in 0..actual.len() {
        if seen[line] || !line_matches(expected[pattern], actual[line]) {
            continue;
        }
        seen[line] = true;
        if owner[line].is_none_or(|other| find_line(other, expected, actual, owner, seen)) {
            owner[line] = Some(pattern);
            return true;
        }
    }
    false
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_end().trim_start_matches('\n').lines().map(str::trim_end).collect()
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_compared_exactly() {
        assert!(ordered("one\ntwo\n", "one\ntwo"));
        assert!(!ordered("one\ntwo\n", "two\none\n"));
        assert!(!ordered("one\n", "one\ntwo\n"));
        assert!(!ordered("one\ntwo\n", "one\n"));
        assert!(!ordered("", "one\n"));
        assert!(ordered("", ""));
    }

    #[test]
    fn an_ellipsis_stands_for_text_in_its_line() {
        assert!(ordered("took … ms\n", "took 12 ms\n"));
        assert!(!ordered("took … ms\n", "took 12 s\n"));
        assert!(!ordered("a…b…c\n", "acb\n"));
        assert!(ordered(
            "thread 'main' (…) panicked at src/main.rs:…:5:\n",
            "thread 'main' (17) panicked at src/main.rs:4:5:\n"
        ));
    }

    #[test]
    fn a_line_of_ellipsis_stands_for_lines() {
        assert!(ordered("a\n…\nz\n", "a\nb\nc\nz\n"));
        assert!(ordered("a\n…\nz\n", "a\nz\n"));
        assert!(!ordered("a\n…\nz\n", "a\nb\n"));
        assert!(!ordered("a\n…\nm\nz", "m\na\nz\n"));
    }

    #[test]
    fn a_set_of_lines_has_no_order_but_a_size() {
        assert!(unordered("a\nb\nb\n", "b\na\nb\n"));
        assert!(!unordered("a\nb\n", "b\na\nb\n"));
        assert!(!unordered("a\na\nb\n", "a\nb\nb\n"));
        assert!(unordered("w… 1\nworker 1\n", "worker 1\nwaiter 1\n"));
    }
}
