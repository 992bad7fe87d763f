//! Configuration files from the disk and the network.
//!
//! Where `extends-cache` is set it is zc.buildout's: a file for each URL, named by the URL's MD5, asked for again where
//! `newest` holds. Where it is not, answers are kept in the user's own cache, and asked for conditionally. Files that one
//! file extends are fetched at the same time. zc.buildout: download.py, `Download`.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use md5::{Digest, Md5};

use super::Surroundings;
use super::kept::{Answer, Kept};
use super::pip::PipSettings;
use crate::config::load::{DownloadOptions, Fetched, Opener};
use crate::digest::hex;
use crate::error::{Diagnostic, Error, Result};
use crate::log::{Entry, Log};
use crate::pypath;
use crate::pystr::repr;
use crate::sys::fs;
use crate::sys::http::{Failure, FailureKind, Network};
use crate::sys::url;
use crate::text::{Origin, Source};
use crate::wording::redacted;

/// Opens files and URLs.
pub(super) struct FileOpener {
    surroundings: Rc<Surroundings>,
    log: Log,
    network: OnceCell<Network>,
    /// Files that are to be read otherwise than they are.
    texts: Rc<IndexMap<String, String>>,
    /// Answers that came before they were asked for.
    early: RefCell<HashMap<String, std::result::Result<Answer, Failure>>>,
    /// What zc.buildout prints while it reads.
    notices: RefCell<Vec<String>>,
}

impl FileOpener {
    pub(super) fn new(surroundings: Rc<Surroundings>, log: Log) -> Self {
        Self {
            surroundings,
            log,
            network: OnceCell::new(),
            texts: Rc::default(),
            early: RefCell::default(),
            notices: RefCell::default(),
        }
    }

    /// The same, but these files, by path, have these texts.
    pub(super) fn with_texts(mut self, texts: Rc<IndexMap<String, String>>) -> Self {
        self.texts = texts;
        self
    }

    /// Shows what was to be printed: the reading holds.
    pub(super) fn show_notices(&self) {
        for line in self.notices.take() {
            self.log.show(&Entry::Line(line));
        }
    }

    /// The files are to be read again, otherwise.
    pub(super) fn forget_notices(&self) {
        self.notices.take();
    }

    fn network(&self) -> &Network {
        self.network.get_or_init(|| {
            Network::new(PipSettings::read(&self.surroundings).network(false, None))
        })
    }

    fn kept(&self) -> Kept {
        Kept::new(&self.surroundings.cache())
    }

    /// Where zc.buildout keeps what is at a URL.
    fn cached(&self, url: &str, options: &DownloadOptions) -> Option<(String, String)> {
        let cache = options.extends_cache.as_ref()?;
        let cache = pypath::join(&options.directory, cache);
        let directory = fs::real_path(pypath::join(&self.surroundings.cwd, &cache));
        let directory = directory.to_string_lossy().into_owned();
        let file = pypath::join(&directory, &hex(&Md5::digest(url.as_bytes())));
        Some((directory, file))
    }

    fn fetch_cached(
        &self,
        url: &str,
        options: &DownloadOptions,
        directory: &str,
        file: &str,
    ) -> Result<Option<Fetched>> {
        if !fs::exists(directory) {
            let message = format!(
                "The directory:\n{}\nto be used as a download cache doesn't exist.\n",
                repr(directory)
            );
            let help = "make the directory, or take `extends-cache` away";
            return Err(Error::user(message).hint(
                "extends-cache",
                "there is no such directory",
                help,
            ));
        }
        if fs::exists(file) {
            if options.newest {
                // What can't be had anew is taken from the cache: zc.buildout is silent about it.
                if let Ok(Some(answer)) = self.download(url, options)
                    && fs::read(file)? != answer.body
                {
                    fs::replace(file, &answer.body)?;
                }
            }
        } else {
            match file_of(url) {
                Some(path) if fs::hard_link(&path, file).is_ok() => {}
                _ => {
                    let Some(answer) = self.download(url, options)? else {
                        return Ok(None);
                    };
                    fs::replace(file, &answer.body)?;
                }
            }
        }
        let text = decoded(fs::read(file)?, url)?;
        Ok(Some(Fetched {
            text,
            copy: Some(file.to_owned()),
        }))
    }

    /// What is at a URL, past any cache of zc.buildout. `None` for a local file that is not there.
    fn download(&self, url: &str, options: &DownloadOptions) -> Result<Option<Answer>> {
        if let Some(path) = file_of(url) {
            refuse_directory(&path)?;
            let body = fs::read_if_there(&path)?;
            return Ok(body.map(|body| Answer {
                body,
                copy: Some(path),
            }));
        }
        let shown = redacted(url);
        if options.offline {
            let message = format!("Couldn't download {} in offline mode.", repr(&shown));
            let help =
                "run once without -o, or with `extends-cache` set to a directory that has the file";
            return Err(Error::user(message).hint(
                "offline",
                format!("{shown} is not to be asked for: this run is offline"),
                help,
            ));
        }
        let scheme = url::scheme(url).unwrap_or_default();
        if !is_http(url) {
            let message = format!(
                "Error downloading extends for URL {shown}: <urlopen error unknown url type: {scheme}>"
            );
            return Err(Error::user(message).hint(
                "extends-url",
                format!("`{scheme}:` can't be fetched"),
                "http, https and file can",
            ));
        }
        let early = self.early.borrow_mut().remove(url);
        match early.unwrap_or_else(|| self.kept().fetch(self.network(), url)) {
            Ok(answer) => Ok(Some(answer)),
            Err(failure) => Err(refused(self.network(), url, &shown, &failure)),
        }
    }
}

impl Opener for FileOpener {
    fn open(&self, path: &str) -> Result<Option<String>> {
        if let Some(text) = self.texts.get(path) {
            return Ok(Some(text.clone()));
        }
        refuse_directory(path)?;
        match fs::read_if_there(path)? {
            Some(bytes) => decoded(bytes, path).map(Some),
            None => Ok(None),
        }
    }

    fn exists(&self, path: &str) -> bool {
        fs::exists(path)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        fs::list(pypath::dirname(path)).unwrap_or_default()
    }

    fn fetch(&self, url: &str, options: &DownloadOptions) -> Result<Option<Fetched>> {
        if let Some((directory, file)) = self.cached(url, options) {
            return self.fetch_cached(url, options, &directory, &file);
        }
        let Some(answer) = self.download(url, options)? else {
            return Ok(None);
        };
        Ok(Some(Fetched {
            text: decoded(answer.body, url)?,
            copy: answer.copy,
        }))
    }

    fn prefetch(&self, urls: &[String], options: &DownloadOptions) {
        if options.offline {
            return;
        }
        let wanted: Vec<&String> = urls
            .iter()
            .filter(|url| is_http(url) && !self.early.borrow().contains_key(*url))
            .filter(|url| match self.cached(url, options) {
                Some((directory, file)) => {
                    fs::exists(directory) && (options.newest || !fs::exists(file))
                }
                None => true,
            })
            .collect();
        if wanted.len() < 2 {
            return;
        }
        let (kept, network) = (self.kept(), self.network());
        for some in wanted.chunks(8) {
            let answers: Vec<_> = std::thread::scope(|scope| {
                let asked: Vec<_> = some
                    .iter()
                    .map(|url| scope.spawn(|| kept.fetch(network, url)))
                    .collect();
                asked.into_iter().map(|thread| thread.join().ok()).collect()
            });
            let mut early = self.early.borrow_mut();
            for (url, answer) in some.iter().zip(answers) {
                if let Some(answer) = answer {
                    early.insert((*url).clone(), answer);
                }
            }
        }
    }

    fn notice(&self, line: &str) {
        self.notices.borrow_mut().push(line.to_owned());
    }
}

fn is_http(url: &str) -> bool {
    url::scheme(url).is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}

/// The path of a `file:` URL, as zc.buildout takes it: nothing in it is unquoted.
fn file_of(url: &str) -> Option<String> {
    let pieces = url::parts(url);
    let path = pieces.path;
    pieces
        .scheme
        .eq_ignore_ascii_case("file")
        .then(|| path.to_owned())
}

fn refuse_directory(path: &str) -> Result<()> {
    if !fs::is_dir(path) {
        return Ok(());
    }
    let message = format!("[Errno 21] Is a directory: {}", repr(path));
    Err(Error::user(message).hint(
        "configuration",
        "a directory is no configuration",
        "name the file in it",
    ))
}

fn refused(network: &Network, url: &str, shown: &str, failure: &Failure) -> Box<Error> {
    let (reason, what) = match failure.kind {
        FailureKind::Status(status) => (
            format!("HTTP Error {}", failure.reason.replacen(' ', ": ", 1)),
            format!("{shown} was answered with status {status}"),
        ),
        _ => (
            format!("<urlopen error {}>", failure.reason),
            format!("{shown} can't be reached: {failure}"),
        ),
    };
    let help = match failure.kind {
        FailureKind::Status(401 | 403) => {
            "name user and password in ~/.netrc, or in the URL as https://user:password@host/"
        }
        FailureKind::Status(404 | 410) => "correct the URL, or save the file beside this one",
        FailureKind::Tls => "name the certificates of your site with PIP_CERT or SSL_CERT_FILE",
        _ => "set `extends-cache` to go on from copies when the network is away",
    };
    let message = format!("Error downloading extends for URL {shown}: {reason}");
    let mut diagnostic = Diagnostic::error("extends-url", what).help(help);
    if matches!(failure.kind, FailureKind::Status(401 | 403))
        && let Some(why) = network.keyring_trouble(url)
    {
        diagnostic = diagnostic.help(why);
    }
    Error::user(message).with(diagnostic)
}

/// The text of a file, which must be UTF-8.
fn decoded(bytes: Vec<u8>, name: &str) -> Result<String> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let length = error.utf8_error().error_len();
    let bytes = error.into_bytes();
    let first = bytes.get(at).copied().unwrap_or_default();
    let reason = match length {
        None => "unexpected end of data",
        Some(_) if matches!(first, 0x80..=0xc1 | 0xf5..) => "invalid start byte",
        Some(_) => "invalid continuation byte",
    };
    let which = match length {
        Some(length) if length > 1 => format!("bytes in position {at}-{}", at + length - 1),
        _ => format!("byte 0x{first:02x} in position {at}"),
    };
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let source = Source {
        name: redacted(name),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        extended_from: None,
    };
    let origin = Origin {
        source: source.into(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    };
    let diagnostic = Diagnostic::error("encoding", "this is not UTF-8")
        .at_origin(Some(origin), 1)
        .help("save the file as UTF-8");
    Err(Error::user(format!("'utf-8' codec can't decode {which}: {reason}")).with(diagnostic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_is_told_as_python_tells_it() {
        let told = |bytes: &[u8]| {
            let error = decoded(bytes.to_vec(), "x.cfg").unwrap_err();
            format!("{} {:?}", error.message, error.diagnostics[0].at)
        };
        assert_eq!(
            told(b"[a]\nx = caf\xe9\n"),
            "'utf-8' codec can't decode byte 0xe9 in position 11: invalid continuation byte Some(x.cfg:2:8)"
        );
        assert_eq!(
            told(b"\xff"),
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte Some(x.cfg:1:1)"
        );
        assert_eq!(
            told(b"a\xe2\x82"),
            "'utf-8' codec can't decode byte 0xe2 in position 1: unexpected end of data Some(x.cfg:1:2)"
        );
    }

    #[test]
    fn the_path_of_a_file_url_is_taken_as_it_is() {
        assert_eq!(file_of("file:///a%20b/c"), Some("/a%20b/c".to_owned()));
        assert_eq!(file_of("http://h/x"), None);
    }
}
