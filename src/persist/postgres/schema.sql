CREATE TABLE cookiejar_namespaces(
    namespace text COLLATE "C" PRIMARY KEY, id bytea NOT NULL, format integer NOT NULL,
    version bigint NOT NULL, clock bigint NOT NULL,
    floor_stamp bigint NOT NULL, floor_version bigint NOT NULL, token bigint NOT NULL
);
CREATE TABLE cookiejar_sessions(
    namespace text COLLATE "C" NOT NULL, session bytea NOT NULL, version bigint NOT NULL,
    cleared bigint, last_used bigint,
    PRIMARY KEY(namespace, session)
);
CREATE INDEX cookiejar_sessions_by_version ON cookiejar_sessions(namespace, version);
CREATE TABLE cookiejar_cookies(
    namespace text COLLATE "C" NOT NULL, session bytea NOT NULL, key bytea NOT NULL,
    identity bytea NOT NULL, stamp bigint NOT NULL, writer bigint NOT NULL, version bigint NOT NULL,
    created bigint, expires bigint, last_access bigint, record bytea,
    PRIMARY KEY(namespace, session, key)
);
CREATE TABLE cookiejar_claims(
    namespace text COLLATE "C" NOT NULL, session bytea NOT NULL,
    owner bytea NOT NULL, token bigint NOT NULL, until bigint NOT NULL,
    PRIMARY KEY(namespace, session)
);
