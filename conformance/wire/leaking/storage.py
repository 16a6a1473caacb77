"""What databases, caches and queues say, and their clients. A find takes in the rest of its line."""

from __future__ import annotations

from conformance.wire.leaking.rules import one_of, rules
from conformance.wire.leaking.spans import Rank

_CLIENTS = one_of(r"""
    psycopg[23]? asyncpg aiopg pg8000 sqlalchemy aiosqlite sqlite3 pymysql MySQLdb mysql\.connector
    aiomysql pymongo bson redis aioredis kombu amqp aio_pika pika aiokafka kafka confluent_kafka
    elasticsearch opensearchpy cassandra clickhouse_\w{2,20} qdrant_client pymilvus peewee tortoise prisma
    duckdb pgx gorm mongo sqlx diesel sea_orm tokio_postgres lettuce jedis memcache aiomcache
""")
_JAVA = one_of(r"""
    java\.sql org\.postgresql com\.mysql org\.hibernate com\.zaxxer\.hikari oracle\.jdbc com\.mongodb
    redis\.clients io\.lettuce
""")
_MYSQL_CODES = one_of("""
    1040 1044 1045 1048 1049 1054 1062 1064 1129 1130 1146 1205 1213 1264 1292 1366 1406 1451 1452 200\\d
    201\\d
""")
_SERVERS = one_of("""
    redis postgres(?:ql)? mysql mongo(?:db)? kafka rabbitmq memcached clickhouse elasticsearch etcd
    cassandra
""")
# Products that no client needs to hear of.
_PRODUCTS = one_of("""
    redis postgres(?:ql)? mysql mariadb mongodb sqlite3? mysql2 rabbitmq elasticsearch clickhouse dynamodb memcached etcd
    pgbouncer pgpool milvus qdrant weaviate opensearch cockroachdb supabase
""")
_SCHEMES = one_of(r"""
    postgres(?:ql)?(?:\+\w{2,12})? mysql(?:\+\w{2,12})? mongodb(?:\+srv)? rediss? amqps? sqlserver
    mssql(?:\+\w{2,12})? clickhouse cassandra nats kafka sqlite memcached jdbc:\w{2,20}
""")

_TABLE = r"""
    # clients
    \b<CLIENTS>: \S
    \(?\b<CLIENTS>(?:\.|::)(?!(?:com|io|org|net)\b)\w{2,60}
    \b(?:ActiveRecord|PG|Mysql2|SQLite3|Redis|Sequel|Mongoid|Mongo|Dalli)::\w{2,60}
    \b(?:Illuminate\\{1,2}Database|Doctrine\\{1,2}|PDOException|mysqli_\w{3,30}|Npgsql)
    \b(?:System|Microsoft)\.Data\.SqlClient
    \b<JAVA>\.\w
    \b(?:Operational|Programming|Integrity|Interface|Database|NotSupported|Data)Error\b(?=[:(\]]| at )
    \bQueuePool limit of\b
    \bHikariPool-\d
    \bPrisma\w{0,60}\b
    \bInvalid `prisma\.
    \b(?:Sequelize\w{3,60}|TypeORMError|QueryFailedError)\b
    \bKnex:[ ]
    \bP20\d\d\b
    (?i)(?<![\w./-])<PRODUCTS>(?![\w./-])
    (?i)\bkafka (?:broker|topic|producer|consumer|cluster|server|queue)\b
    # SQL
    \bpg:[ ]
    \btoo many connections for (?:role|database)\b
    \bis of type \w{1,40} but expression is of type\b
    \bCannot insert duplicate key\b
    \bViolation of (?:PRIMARY|UNIQUE|FOREIGN) KEY\b
    \bIncorrect syntax near\b
    \bInvalid object name '
    \bdbo\.\w{2,60}
    (?i)\bcould not connect to (?:the )?database\b
    \b(?:NoSuchBucket|NoSuchKey|BucketAlreadyExists)\b
    (?i)\bsql (?:query|statement|error|exception|server)\b
    \b(?:SQLSTATE|SQLCODE|SQL logic error|MSSQL)\b
    \bORA-\d{5}\b
    \bSQLITE_[A-Z]{3,20}\b
    \bpq:[ ]
    \brelation \\{0,4}[\"'`][\w.]{1,80}\\{0,4}[\"'`] does not exist\b
    \bcolumn \\{0,4}[\"'`]?[\w.]{1,80}\\{0,4}[\"'`]? (?:does not exist|of relation)\b
    \b(?:table|view|schema|sequence|database|role) \\{0,4}[\"'`][\w.]{1,80}\\{0,4}[\"'`] does not exist\b
    \bno such (?:table|column)(?::|\b)
    \bTable '[\w.]{1,80}' doesn't exist\b
    \bUnknown (?:column|database) '
    \bduplicate key value violates\b
    \bviolates (?:foreign key|not-null|check|unique|exclusion) constraint\b
    \bUniqueViolation\b
    \bER_[A-Z]{2,20}(?:_[A-Z]{2,20}){1,6}\b
    \bSqlException\b
    \bno such collection\b
    \bERR max number of clients\b
    \b[Dd]eadlock on\b
    \bDuplicate entry '
    \b(?:UNIQUE|FOREIGN KEY|NOT NULL) constraint failed\b
    \bnull value in column\b
    \bvalue too long for type character\b
    \binvalid input syntax for (?:type )?(?:uuid|integer|json|bigint)\b
    \bYou have an error in your SQL syntax\b
    \bsyntax error at or near\b
    \bnear \"[^\"\n]{1,40}\": syntax error\b
    \bdeadlock detected\b
    \bDeadlock found when trying\b
    \bLock wait timeout exceeded\b
    \bcould not serialize access\b
    \bdatabase is locked\b
    \bError <MYSQL_CODES>(?: \([0-9A-Z]{5}\))?:[ ]
    \bERROR \d{4} \([0-9A-Z]{5}\)
    \bAccess denied for user '
    \bToo many connections\b
    \b(?:MySQL server has gone away|Lost connection to MySQL)\b
    \bremaining connection slots are reserved\b
    \bsorry, too many clients\b
    \bpassword authentication failed for user\b
    \bno pg_hba\.conf entry\b
    \b(?:terminating connection|canceling statement) due to\b
    \bcurrent transaction is aborted\b
    \bconnection to server at \\{0,4}\"
    \bcould not connect to server:[ ]
    \bserver closed the connection unexpectedly\b
    \bFATAL:[ ]{2}
    \bsql: (?:no rows|database is closed|connection is|Scan|transaction)\b
    \bno rows in result set\b
    \[SQL:[ ]
    \[parameters:[ ]
    \bINSERT INTO [\"'`\w]
    \bDELETE FROM [\"'`\w]
    \bUPDATE [\"'`\w.]{1,80} SET\b
    \bSELECT\b[^\n]{1,300}\bFROM [\"'`\w]
    # caches, documents, queues
    \b(?:WRONGTYPE Operation|READONLY You can't write|NOAUTH Authentication|MISCONF Redis|LOADING Redis)\b
    \b(?:OOM command not allowed|CLUSTERDOWN|BUSYGROUP|EXECABORT)\b
    \b(?:NOSCRIPT No matching|CROSSSLOT|MASTERDOWN|WRONGPASS)\b
    \bMOVED \d{1,5}[ ]
    \bredis: (?:nil|connection pool|client is closed)
    \bRedis(?:Error|Exception|ConnectionException|CommandTimeoutException|TimeoutException)\b
    \bredis server\b
    (?i)\b(?:connect(?:ing|ion)? (?:to )?|from |reach )<SERVERS>(?: server)?(?: at|:|\b)
    (?i)\b<SERVERS>(?: server| client| connection| cluster| pool| query)? (?:error|exception|timeout|failed)\b
    (?i)\b<SERVERS>(?: server| cluster)? (?:is |was )?
        (?:unavailable|unreachable|down|not (?:available|responding))\b
    \bError \d{1,4}(?: while)? connecting to [\w.-]{1,80}:\d
    \b(?:ReplyError: |MaxRetriesPerRequestError\b)
    \bMongo(?:Server|Network|Timeout|Bulk|Pool|Runtime|Parse)\w{0,30}\b
    \b(?:E11000 duplicate key|ServerSelectionTimeout\w{0,10}|MongooseError|MongoError|ReplicaSetNoPrimary)\b
    \bCast to ObjectId failed\b
    \bKafka(?:Error|Exception|TimeoutError|Connection\w{0,20})\b
    \bkafka(?: server)?:[ ]
    \b(?:NOT_LEADER_\w{3,30}|UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE)\b
    \bAMQP\w{3,40}
    \b(?:PRECONDITION_FAILED|ACCESS_REFUSED) -[ ]
    \bNOT_FOUND - no (?:queue|exchange)\b
    \bnats:[ ]
    \bCan't reach database server\b
    \bDB::Exception\b
    \bNoHostAvailable\w{0,20}\b
    \b(?:index_not_found|es_rejected_execution|search_phase_execution)_exception\b
    \betcdserver:[ ]
    \b(?:ProvisionedThroughputExceeded|ConditionalCheckFailed)\w{0,12}\b
    \bDynamoDB\b.{0,60}\b(?:table|operation)\b
    \b<SCHEMES>://
    # names of tables and queues
    \bLiteLLM_\w{3,60}Table\b
    \b(?:in|from|into|on) table [`\"'][\w.]{2,80}[`\"']
    \b(?:table|collection|queue|topic|index) [`\"'][a-z]+(?:[_.][a-z]+)+[`\"']
    \bfailed to (?:acquire|obtain|get) (?:a )?(?:db|database|jdbc|redis|sql) connection\b
    \bconnection pool (?:timeout|exhausted|timed out)\b
"""

STORAGE = rules(
    "storage",
    Rank.STORAGE,
    _TABLE,
    tail=r"[^\n]{0,300}",
    CLIENTS=_CLIENTS,
    JAVA=_JAVA,
    MYSQL_CODES=_MYSQL_CODES,
    SERVERS=_SERVERS,
    SCHEMES=_SCHEMES,
    PRODUCTS=_PRODUCTS,
)
