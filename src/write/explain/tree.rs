//! A tree on the terminal.

/// No line is longer, as far as its words allow it.
const WIDTH: usize = 96;

/// A branch: some lines, and what grows from it.
#[derive(Debug, Default)]
pub(super) struct Branch {
    lines: Vec<String>,
    branches: Vec<Branch>,
}

impl Branch {
    /// A branch that begins with this line.
    pub(super) fn new(line: impl Into<String>) -> Branch {
        Branch { lines: vec![line.into()], branches: Vec::new() }
    }

    /// One more line.
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// One more branch.
    pub(super) fn branch(&mut self, branch: Branch) {
        self.branches.push(branch);
    }

    /// Draws what grows from it, without its own lines.
    pub(super) fn draw_branches(&self, text: &mut String) {
        self.draw_below(text, "");
    }

    fn draw_below(&self, text: &mut String, indent: &str) {
        for (place, branch) in self.branches.iter().enumerate() {
            let is_last = place + 1 == self.branches.len();
            let (first, next) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let below = format!("{indent}{next}");
            let bar = if branch.branches.is_empty() { "" } else { "│ " };
            let mut is_first = true;
            for line in &branch.lines {
                let taken = below.chars().count() + bar.chars().count();
                for part in wrapped(line, WIDTH.saturating_sub(taken)) {
                    let begin =
                        if is_first { format!("{indent}{first}") } else { format!("{below}{bar}") };
                    text.push_str(format!("{begin}{part}").trim_end());
                    text.push('\n');
                    is_first = false;
                }
            }
            branch.draw_below(text, &below);
        }
    }
}

/// A text in lines of so many characters; lines after the first are indented.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    // Spaces at the front and between columns stay.
    for (place, word) in text.split(' ').enumerate() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        let fits = line.chars().count() + 1 + word.chars().count() <= width;
        if place == 0 {
            line.push_str(word);
        } else if fits || word.is_empty() {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines
}

/// A text in at most so many characters.
pub(super) fn abridged(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_hang_from_their_stem() {
        let mut leaf = Branch::new("b");
        leaf.line("more of b");
        let mut stem = Branch::new("a");
        stem.line("more of a");
        stem.branch(leaf);
        stem.branch(Branch::new("c"));
        let mut root = Branch::default();
        root.branch(stem);
        root.branch(Branch::new("d"));
        let mut text = String::new();
        root.draw_branches(&mut text);
        let expected = "├─ a\n│  │ more of a\n│  ├─ b\n│  │  more of b\n│  └─ c\n└─ d\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "  three"]);
        assert_eq!(wrapped("  two  columns", 80), ["  two  columns"]);
        assert_eq!(abridged("a long text", 7), "a long…");
        assert_eq!(abridged("short", 7), "short");
    }
}
