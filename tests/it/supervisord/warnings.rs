//! What supervisord accepts and was hardly meant: fixtures/supervisord/warnings.txt has a configuration each and the
//! findings with their lines and columns.
