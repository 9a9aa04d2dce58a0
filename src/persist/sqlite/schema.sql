CREATE TABLE namespaces(
    namespace TEXT PRIMARY KEY, id BLOB NOT NULL, format INTEGER NOT NULL,
    version INTEGER NOT NULL, clock INTEGER NOT NULL,
    floor_stamp INTEGER NOT NULL, floor_version INTEGER NOT NULL, token INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sessions(
    namespace TEXT NOT NULL, session TEXT NOT NULL, version INTEGER NOT NULL,
    cleared INTEGER, last_used INTEGER,
    PRIMARY KEY(namespace, session)
) WITHOUT ROWID;
CREATE INDEX sessions_by_version ON sessions(namespace, version);
CREATE TABLE cookies(
    namespace TEXT NOT NULL, session TEXT NOT NULL, identity BLOB NOT NULL,
    stamp INTEGER NOT NULL, writer INTEGER NOT NULL, version INTEGER NOT NULL,
    created INTEGER, expires INTEGER, last_access INTEGER, record BLOB,
    PRIMARY KEY(namespace, session, identity)
) WITHOUT ROWID;
CREATE TABLE claims(
    namespace TEXT NOT NULL, session TEXT NOT NULL, owner BLOB NOT NULL,
    token INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY(namespace, session)
) WITHOUT ROWID;
