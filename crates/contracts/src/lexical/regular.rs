//! The syntax of regular expressions as ECMA-262 defines it (section 22.2.1, with what browsers accept beside it): for the
//! format `regex`, whose values are only looked at, never run.

/// The most groups inside each other.
const MAX_DEPTH: usize = 200;

pub(super) fn is_regular_expression(text: &str) -> bool {
    let mut parser = Parser { letters: text.chars().collect(), at: 0 };
    parser.alternatives(0).is_some() && parser.at == parser.letters.len()
}

struct Parser {
    letters: Vec<char>,
    at: usize,
}

/// `None` is a mistake.
impl Parser {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn alternatives(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        while let Some(letter) = self.peek() {
            match letter {
                ')' => break,
                '|' | '^' | '$' => self.at += 1,
                '*' | '+' | '?' => return None,
                _ => {
                    self.atom(depth)?;
                    self.quantifier()?;
                }
            }
        }
        Some(())
    }

    fn atom(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            '(' => {
                self.at += 1;
                self.group_kind()?;
                self.alternatives(depth + 1)?;
                self.take(')').then_some(())
            }
            '[' => self.class(),
            '\\' => self.escape().map(|_| ()),
            _ => {
                self.at += 1;
                Some(())
            }
        }
    }

    fn group_kind(&mut self) -> Option<()> {
        if !self.take('?') {
            return Some(());
        }
        match self.peek()? {
            ':' | '=' | '!' => {
                self.at += 1;
                Some(())
            }
            '<' => {
                self.at += 1;
                if self.take('=') || self.take('!') { Some(()) } else { self.name() }
            }
            _ => None,
        }
    }

    /// A name of a group, after `<`.
    fn name(&mut self) -> Option<()> {
        let start = self.at;
        while let Some(letter) = self.peek() {
            self.at += 1;
            match letter {
                '>' => return (self.at > start + 1).then_some(()),
                '$' | '_' => {}
                _ if letter.is_alphabetic() => {}
                _ if letter.is_alphanumeric() && self.at > start + 1 => {}
                _ => return None,
            }
        }
        None
    }

    fn quantifier(&mut self) -> Option<()> {
        let is_quantified = match self.peek() {
            Some('*' | '+' | '?') => {
                self.at += 1;
                true
            }
            Some('{') => self.count()?,
            _ => false,
        };
        if is_quantified {
            self.take('?');
            if matches!(self.peek(), Some('*' | '+' | '?')) {
                return None;
            }
        }
        Some(())
    }

    /// `{2}`, `{2,}` or `{2,3}`; anything else after a brace is a letter of its own.
    fn count(&mut self) -> Option<bool> {
        let start = self.at;
        self.at += 1;
        let min = self.digits();
        let mut max = None;
        let has_comma = self.take(',');
        if has_comma {
            max = self.digits();
        }
        let (true, Some(min)) = (self.take('}'), min) else {
            self.at = start + 1;
            return Some(false);
        };
        let is_ordered = max.is_none_or(|max| (min.len(), &min) <= (max.len(), &max));
        is_ordered.then_some(true)
    }

    fn digits(&mut self) -> Option<String> {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.at += 1;
        }
        if digits.is_empty() { None } else { Some(digits.trim_start_matches('0').to_owned()) }
    }

    fn class(&mut self) -> Option<()> {
        self.at += 1;
        self.take('^');
        let mut before: Option<u32> = None;
        let mut is_range = false;
        loop {
            let letter = self.peek()?;
            if letter == ']' {
                self.at += 1;
                return Some(());
            }
            if letter == '-' && before.is_some() && !is_range && self.letters.get(self.at + 1) != Some(&']') {
                is_range = true;
                self.at += 1;
                continue;
            }
            let code = if letter == '\\' {
                self.escape()?
            } else {
                self.at += 1;
                Some(u32::from(letter))
            };
            if is_range && before.zip(code).is_some_and(|(first, last)| first > last) {
                return None;
            }
            before = if is_range { None } else { code };
            is_range = false;
        }
    }

    /// An escape; the letter that it stands for, if it is one.
    fn escape(&mut self) -> Option<Option<u32>> {
        self.at += 1;
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' => None,
            'f' => Some(0x0C),
            'n' => Some(0x0A),
            'r' => Some(0x0D),
            't' => Some(0x09),
            'v' => Some(0x0B),
            '0'..='9' => None,
            'c' => {
                self.peek().filter(char::is_ascii_alphabetic)?;
                self.at += 1;
                None
            }
            'x' => Some(self.hex(2)?),
            'u' if self.take('{') => {
                let end = self.letters[self.at..].iter().position(|letter| *letter == '}')?;
                let code = self.hex(end)?;
                self.at += 1;
                Some(code).filter(|code| *code <= 0x10_FFFF).map(Some)?
            }
            'u' => Some(self.hex(4)?),
            'p' | 'P' => {
                self.take('{').then_some(())?;
                let end = self.letters[self.at..]
                    .iter()
                    .position(|letter| *letter == '}')
                    .filter(|end| *end > 0)?;
                self.at += end + 1;
                None
            }
            'k' => {
                self.take('<').then_some(())?;
                self.name()?;
                None
            }
            _ if letter.is_ascii_alphabetic() => return None,
            _ => Some(u32::from(letter)),
        })
    }

    fn hex(&mut self, count: usize) -> Option<u32> {
        let digits: String = self.letters.get(self.at..self.at + count)?.iter().collect();
        self.at += count;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(&digits, 16).ok())?
    }
}
