-- The tables of the cluster's members, for MariaDB 10.11+ and MySQL 8. Safe to run again; see docs/reference/schema.md.
-- The names and columns, and the keys and parameters of the statements, are what Microsoft.Orleans.Clustering.AdoNet asks for. The last two
-- tables are our own.

-- A server may begin connections with other settings than these, on which the script depends.
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
SET SESSION autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', sql_safe_updates = 0;

CREATE TABLE IF NOT EXISTS OrleansQuery (
    QueryKey VARCHAR(64) NOT NULL PRIMARY KEY,
    QueryText TEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a cluster. Every change of its members raises Version by one; whoever changes them names the version he has seen.
CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable (
    DeploymentId VARCHAR(150) NOT NULL PRIMARY KEY,
    Version INT NOT NULL,
    Timestamp DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row for each run of a silo. Times are UTC.
CREATE TABLE IF NOT EXISTS OrleansMembershipTable (
    DeploymentId VARCHAR(150) NOT NULL,
    Address VARCHAR(64) NOT NULL,
    Port INT NOT NULL,
    Generation INT NOT NULL,
    SiloName VARCHAR(150) NOT NULL,
    HostName VARCHAR(255) NOT NULL,
    Status INT NOT NULL,
    ProxyPort INT NOT NULL,
    SuspectTimes TEXT NULL,
    StartTime DATETIME(3) NOT NULL,
    IAmAliveTime DATETIME(3) NOT NULL,
    PRIMARY KEY (DeploymentId, Address, Port, Generation)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a cluster: whether a gateway may hold a lease. Token names who has said so last; NULL: none does, and the next lease is granted after Token is set.
CREATE TABLE IF NOT EXISTS DirectLeases (
    DeploymentId VARCHAR(150) NOT NULL PRIMARY KEY,
    Token VARCHAR(36) NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row for each run of a silo that sets Token before it grants a lease. A member without a row may not have done so.
CREATE TABLE IF NOT EXISTS DirectSilos (
    DeploymentId VARCHAR(150) NOT NULL,
    Address VARCHAR(64) NOT NULL,
    Port INT NOT NULL,
    Generation INT NOT NULL,
    Since DATETIME(3) NOT NULL,
    PRIMARY KEY (DeploymentId, Address, Port, Generation)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The statements and the version of all this change together, so that nobody reads half of them.
START TRANSACTION;

REPLACE INTO OrleansQuery (QueryKey, QueryText) VALUES

('GatewaysQueryKey', '
SELECT Address, ProxyPort, Generation
FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;
'),

-- Both reads answer with the version alone when there is no member: one row whose other columns are NULL.
('MembershipReadRowKey', '
SELECT v.Version, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime
FROM OrleansMembershipVersionTable v
LEFT JOIN OrleansMembershipTable m
    ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
WHERE v.DeploymentId = @DeploymentId;
'),

('MembershipReadAllKey', '
SELECT v.Version, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime
FROM OrleansMembershipVersionTable v
LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
WHERE v.DeploymentId = @DeploymentId;
'),

('InsertMembershipVersionKey', '
INSERT IGNORE INTO OrleansMembershipVersionTable (DeploymentId, Version, Timestamp) VALUES (@DeploymentId, 0, UTC_TIMESTAMP(3));
SELECT ROW_COUNT() = 1;
'),

-- The version row is locked first, by everyone, so that two changes wait for each other and never deadlock. The member is
-- inserted only if the version is the expected one, and the version rises only if the member was inserted. The answer comes
-- before COMMIT, which resets ROW_COUNT, but Orleans reads it only once the commit has succeeded as well.
('InsertMembershipKey', '
START TRANSACTION;
INSERT IGNORE INTO OrleansMembershipTable
    (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
SELECT DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
FROM OrleansMembershipVersionTable
WHERE DeploymentId = @DeploymentId AND Version = @Version
FOR UPDATE;
UPDATE OrleansMembershipVersionTable
SET Version = Version + 1, Timestamp = UTC_TIMESTAMP(3)
WHERE DeploymentId = @DeploymentId AND Version = @Version AND ROW_COUNT() = 1;
SELECT ROW_COUNT() = 1;
COMMIT;
'),

-- One statement over both tables is one transaction.
('UpdateMembershipKey', '
UPDATE OrleansMembershipVersionTable v
STRAIGHT_JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
SET v.Version = v.Version + 1, v.Timestamp = UTC_TIMESTAMP(3),
    m.Status = @Status, m.SuspectTimes = @SuspectTimes, m.IAmAliveTime = @IAmAliveTime
WHERE v.DeploymentId = @DeploymentId AND v.Version = @Version
    AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation;
SELECT ROW_COUNT() > 0;
'),

-- No change of membership: the version stays.
('UpdateIAmAlivetimeKey', '
UPDATE OrleansMembershipTable
SET IAmAliveTime = @IAmAliveTime
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;
'),

('DeleteMembershipTableEntriesKey', '
DELETE v, m
FROM OrleansMembershipVersionTable v
LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
WHERE v.DeploymentId = @DeploymentId;
'),

-- Every silo that is not active (3) and has been silent since.
('CleanupDefunctSiloEntriesKey', '
DELETE FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Status <> 3 AND IAmAliveTime < @IAmAliveTime;
'),

('DirectSchemaVersion', '1');

-- Each statement begins with the settings that its result depends on: Orleans opens the connections, and a pooled one is given the server's again.
UPDATE OrleansQuery SET QueryText = CONCAT('
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
SET SESSION autocommit = 1, sql_mode = ''STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'',
    sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_big_selects = 1, foreign_key_checks = 1, unique_checks = 1;', QueryText)
WHERE QueryKey <> 'DirectSchemaVersion';

COMMIT;
