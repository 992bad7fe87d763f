//! The socket of a FastCGI program. supervisor: options.py, `parse_fcgi_socket` and what calls it.

use super::Reading;
use super::datatypes::{Bad, name_to_uid, normalize_path, octal_type, tcp_address, user_and_group};
use super::expand::Value;
use super::finding::Version;
use super::numbers::integer;
use crate::pypath;

/// The URL of the socket.
pub(super) fn read(reading: &mut Reading<'_>, section: &str, program: &str) -> Option<String> {
    let here = reading.here();
    reading.typed(section, "user", &here, None, |text, machine| {
        name_to_uid(text, machine).map(Some)
    });
    if reading.version >= Version::new(3, 4, 0) {
        reading.typed(section, "socket_backlog", &here, None, |text, _| {
            let size = integer(text).map_err(|bad| Bad::new("S47", bad.words))?;
            if (1..=65535).contains(&size) {
                Ok(Some(size))
            } else {
                Err(Bad::new(
                    "S47",
                    format!("Invalid socket_backlog value {size}"),
                ))
            }
        });
    }
    let owner = reading.typed(section, "socket_owner", &here, None, |text, machine| {
        let words = || Bad::new("S26", format!("Invalid socket_owner value {text}"));
        user_and_group(text, machine).map(Some).ok_or_else(words)
    });
    let mode = reading.typed(section, "socket_mode", &here, None, |text, _| {
        let words = format!("Invalid socket_mode value {text}");
        octal_type(text)
            .map(Some)
            .map_err(|_| Bad::new("S23", words))
    });
    let mut local = here;
    let name = Value::Text(program.to_owned());
    local.insert("program_name".to_owned(), name);
    let socket = match reading.get(section, "socket", &local) {
        Ok(socket) => socket.unwrap_or_default(),
        Err(_) => return None,
    };
    if socket.is_empty() {
        let words = format!("[{section}] section requires a \"socket\" line");
        let at = reading.place(section, "socket");
        reading.refuse_at(
            &at,
            format!("[{section}] has no `socket`"),
            Bad::new("S47", words),
        );
        return None;
    }
    let owned = owner.is_some() || mode.is_some();
    match url(reading, &socket, owned) {
        Ok(url) => Some(url),
        Err(words) => {
            let words = format!("{words} in [{section}] socket");
            reading.refuse(section, "socket", Bad::new("S47", words));
            None
        }
    }
}

// supervisor: two of these errors are raised with two arguments, so that their text is that of a tuple.
fn url(reading: &Reading<'_>, socket: &str, owned: bool) -> Result<String, String> {
    let tuple =
        |text: &str, argument: &str| format!("('{text}', {})", crate::pystr::repr(argument));
    if let Some(path) = socket.strip_prefix("unix://") {
        if !pypath::is_absolute(path) {
            return Err(tuple("Unix socket path %s is not an absolute path", path));
        }
        return Ok(format!("unix://{}", normalize_path(path, reading.machine)));
    }
    if owned {
        return Err(
            "socket_owner and socket_mode params should only be used with a Unix domain socket"
                .to_owned(),
        );
    }
    match tcp_address(socket) {
        Some(Ok((host, port))) => Ok(format!("tcp://{host}:{port}")),
        Some(Err(bad)) => Err(bad.words),
        None => Err(tuple("Bad socket format %s", socket)),
    }
}
