namespace Direct.Node.Tests.Coverage;

/// <summary>
/// Every row of the wire contract. <c>ProtocolTableTests</c> fails when a row has no test, and prints this table with the
/// tests beside it.
/// </summary>
public static class ProtocolTable
{
    public static IReadOnlyList<ProtocolRow> Rows { get; } =
    [
        new("WebSocket: paths", "/!direct and /%21direct, any query string; another case or a trailing slash is 404"),
        new("WebSocket: not an upgrade", "400 or 426 with a plain sentence"),
        new("WebSocket: version", "a Sec-WebSocket-Version other than 13 is 400 naming 13"),
        new("WebSocket: extensions and sub-protocols", "none is accepted"),
        new("WebSocket: origin", "any is accepted by default; with an allow-list another one is 403"),
        new("WebSocket: first frame", "the first data frame is the token, whatever it holds; never a join or a broadcast"),
        new("WebSocket: before the token", "pings are answered; nothing is received, not even a signal to everyone"),
        new("WebSocket: g,c", "joins that group and channel, leaving the last; no reply; in force before the next frame"),
        new("WebSocket: g,c in the cluster", "a join is in force in the whole cluster before the next frame")
        {
            Elsewhere =
            [
                Cluster("Routing/JoinTests", "Join_BroadcastInTheSameBreath_ReachesMembersElsewhereAndTheSender"),
                Cluster("Routing/JoinTests", "Join_SignalThroughAnotherGatewayAtOnce_Arrives"),
            ],
        },
        new(
            "WebSocket: numbers",
            "as Go's strconv.Atoi: sign, ASCII digits, 64 bits; anything else is 0; a third field is ignored; binary too"),
        new("WebSocket: neither", "no comma and no ':' closes with 1008 and says what was expected"),
        new("WebSocket: :text", "a text frame to everyone in the sender's group and channel, sender included; an empty text too"),
        new("WebSocket: :text from 0,0", "goes to those in 0,0; a setting makes it everyone or none"),
        new("WebSocket: size", "a message over 512 bytes, fragments added up, closes with 1009; the limit is a setting"),
        new("WebSocket: UTF-8", "invalid UTF-8 in a text frame, or in a :text from a binary frame, closes with 1007"),
        new("WebSocket: framing", "unmasked, reserved bits, bad opcode, fragmented or over-long control frame: 1002"),
        new("WebSocket: client close", "echoed with its code"),
        new(
            "WebSocket: keep-alive",
            "pings at an interval; any frame proves a client alive; past the deadline a close frame goes out first"),
        new("WebSocket: no token", "past the token's time a close frame, then the end"),
        new("WebSocket: slow member", "delays nobody; bounded in bytes; past that it alone is closed, with its own code"),
        new("WebSocket: closing codes", "4000-4499 come back, 4500-4999 do not; the limit that bites names itself"),

        new("Identity: env=test", "1, 2, 3 ... in the order tokens arrive on one node; no database"),
        new("Identity: env=test in the cluster", "unique, and small")
        {
            Elsewhere = [Cluster("Routing/ReceiptTests", "Connect_ManyOnEveryGateway_AllHaveIdsOfTheirOwn")],
        },
        new("Identity: no session store", "outside env=test the gateway looks tokens up in MySQL, unless sessions=none says that everyone is anonymous"),
        new("Identity: token known", "the user id of a live row in session")
        {
            Elsewhere =
            [
                Sessions("Gateways/IdentityTests", "Token_OfEachKind_IsTheUserThatTheTablesName"),
                Sessions("Lookups/TokenTests", "FindAsync_TokenOfALiveSession_IsItsUser"),
                Sessions("Lookups/ColumnTests", "FindAsync_ColumnOfAnyType_KnowsItsTokensAndNoOthers"),
            ],
        },
        new("Identity: token unknown", "empty, unknown, expired, user id 0 or NULL: anonymous")
        {
            Elsewhere =
            [
                Sessions("Gateways/IdentityTests", "Token_OfEachKind_IsTheUserThatTheTablesName"),
                Sessions("Lookups/TokenTests", "FindAsync_ExpiredSession_IsUnknown"),
                Sessions("Lookups/TokenTests", "FindAsync_LookAlike_IsUnknown"),
                Sessions("Lookups/UserTests", "FindAsync_UserOfNobody_IsNobody"),
            ],
        },
        new("Identity: database unreachable", "closed with a come-back code; a setting restores the fallback")
        {
            Elsewhere =
            [
                Sessions("Failures/OutageTests", "Database_DownAtTheStart_IsSaidAndUsedWhenItComes"),
                Sessions("Failures/OutageTests", "Database_ThatEnds_RefusesLoginsAndHealsWhileOpenConnectionsLiveOn"),
                Sessions("Failures/OutageTests", "Database_ThatHangs_RefusesLoginsInTimeAndHeals"),
                Sessions("Failures/OutageTests", "Database_DownWhereThatMeansAnonymous_LetsInStrangers"),
            ],
        },
        new("Identity: no row in user", "let in, without a name")
        {
            Elsewhere = [Sessions("Lookups/UserTests", "FindAsync_NoRowInUser_IsLetIn")],
        },
        new("Identity: blocked user", "closed with a do-not-come-back code; a setting turns that off")
        {
            Elsewhere =
            [
                Sessions("Gateways/IdentityTests", "Token_OfEachKind_IsTheUserThatTheTablesName"),
                Sessions("Gateways/IdentityTests", "BlockedUser_WhereThatIsAllowed_IsLetInAndStays"),
                Sessions("Lookups/UserTests", "FindAsync_BlockedUser_IsBlocked"),
            ],
        },
        new("Identity: a session that ends", "is closed with a come-back code, a user who is blocked with his own, within a settable time")
        {
            Elsewhere =
            [
                Sessions("Gateways/RecheckTests", "OpenConnections_SessionsThatEndAndUsersThatAreBlocked_AreClosedAndTheRestStay"),
                Sessions("Gateways/RecheckTests", "OpenConnection_DatabaseDownMeanwhile_StaysAndIsClosedOnceItIsBack"),
            ],
        },
        new("Identity: anonymous id", "-(FNV-1a-32(address text) & 0x7FFFFFFF)"),
        new(
            "Identity: address text",
            "first of CF-Connecting-IP, X-Forwarded-For, X-Real-IP, to its first comma, trimmed, without a port, else as written; else the peer"),
        new("Identity: trusted proxies", "the headers count only when the peer is a trusted proxy"),
        new("Identity: address serves ids alone", "access and limits never rest on what a stranger can write"),
        new("Identity: vector 127.0.0.1", "-144953630"),
        new("Identity: vector ::1", "-364823692"),
        new("Identity: vector 203.0.113.7", "-265253088"),
        new("Identity: vector 198.51.100.1", "-848715251"),
        new("Identity: vector 2001:db8::1", "-988793287"),
        new("Identity: vector 10.0.0.1", "-1589558925"),
        new("Identity: vector 255.255.255.255", "-1469496433"),

        new("Signals: targets", "all eight zero/non-zero combinations, negative ids too: an exact match of every non-zero field"),
        new("Signals: answer", "200 with a JSON receipt; 4xx and 5xx with application/problem+json"),
        new("Signals: method", "GET and POST with the query; a JSON POST is an array, one receipt each; a form has parameters; any other body is the message"),
        new("Signals: part", "missing, short, empty, long: 400 naming the parameter and the form it wants"),
        new("Signals: part's numbers", "a field that is no number is 400"),
        new("Signals: message", "missing or badly escaped is 400; empty is legal"),
        new("Signals: message size", "64 KiB by default, 413 past it; a GET may carry all of it percent-encoded"),
        new("Signals: UTF-8", "invalid UTF-8 is 400"),
        new("Signals: who may call", "env=test: anyone; outside it without keys: 403, and nothing is sent"),
        new(
            "Signals: who may call, by key or network",
            "a key, or a caller inside an allowed network; else 401 or 403, and nothing is sent"),
        new("Signals: web pages of another origin", "need a key, also in an allowed network and in env=test; else 403, and nothing is sent or closed"),
        new("Signals: when it returns", "when every gateway has taken it into the connections' queues"),
        new("Signals: when one gateway does not answer", "after 2 s, with what is pending")
        {
            Elsewhere = [Cluster("Failures/UnresponsiveGatewayTests", "Signal_OneGatewayHangs_IsAnsweredInTimeNamingIt")],
        },

        new("Queries: explain", "topic, connections, gateways of a signal that is not sent"),
        new("Queries: users", "user, group, channel and connections of all that match, page by page"),
        new("Queries: count", "connections, and users each once"),
        new("Queries: close", "those that match, with the code and reason given; how many is told"),
        new("Queries: bad input", "400 naming the parameter and what was expected; 405 with Allow"),
        new("Queries: who may call", "who may signal"),

        new("Receipt: 200", "id, delivered, gateways: every matching connection has it in its queue"),
        new("Receipt: 202", "placed for all; names the gateways that are pending")
        {
            Elsewhere =
            [
                Cluster("Failures/UnresponsiveGatewayTests", "Signal_OneGatewayHangs_IsAnsweredInTimeNamingIt"),
                Cluster("Failures/UnresponsiveGatewayTests", "WakeUp_AfterALongHang_EverythingComesOnceAndInOrder"),
            ],
        },
        new("Receipt: 503", "with Retry-After: nothing is promised; says what is known"),
        new("Receipt: 503 while a topic has no home", "not placed within the time for it")
        {
            Elsewhere = [Cluster("Failures/NoSiloTests", "Signal_NoSiloIsLeft_IsRefusedInTimeAndDeliveredToNobody")],
        },
        new("Receipt: own id", "1-128 visible ASCII characters; a repeat never delivers twice; other content is 409"),
        new("Receipt: own id, on any gateway", "a repeat on another gateway delivers once and counts both tries once")
        {
            Elsewhere = [Cluster("Routing/ReceiptTests", "Signal_AnIdAgainThroughAnotherGateway_IsDeliveredOnceAndAnsweredTheSame")],
        },
        new("Receipt: own id, gateways disagree", "409 or 503 with the counts of those that took it")
        {
            Elsewhere =
            [
                Cluster("Failures/RefusedIdTests", "Signal_IdOfAnotherMessageThatARestartedGatewayDoesNotKnow_SaysWhoGotIt"),
                Cluster("Failures/RefusedIdTests", "Signal_OneGatewayHasNoRoomForTheId_SaysWhoGotItAndTheRepeatReachesTheRest"),
            ],
        },
        new("Receipt: no id", "a repeat is a new signal"),

        new("Command line: key=value", "port=8085 env=test, as the original"),
        new("Command line: configuration", "settings file, environment, arguments"),
        new("Command line: validated", "at the start, all errors printed at once"),
    ];

    private static TestElsewhere Sessions(string type, string method) => new("Direct.Sessions.Tests", type, method);

    private static TestElsewhere Cluster(string type, string method) => new("Direct.Cluster.Tests", type, method);
}
