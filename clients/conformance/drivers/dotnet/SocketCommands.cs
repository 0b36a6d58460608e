using System.Text.Json.Nodes;
using Direct.Client;

namespace Direct.ConformanceDriver;

/// <summary>Carries out the commands of sockets with <see cref="DirectConnection"/>. Joins and broadcasts are answered by an event when they have ended; others follow as they happen.</summary>
internal sealed class SocketCommands : IAsyncDisposable
{
    private DirectConnection? _connection;
    private Task _reading = Task.CompletedTask;

    /// <summary>Returns whether a command is one of sockets: both families have a <c>close</c>, that of backends with a part.</summary>
    public static bool Handles(string verb, JsonObject command) => verb is "connect" or "join" or "leave" or "say" || (verb == "close" && !command.ContainsKey("part"));

    public async Task RunAsync(string verb, JsonObject command)
    {
        switch (verb)
        {
            case "connect":
                await DisposeAsync();
                Events.Emit("ready");
                Connect(command);
                break;
            case "close" when _connection is not null:
                await DisposeAsync();
                Events.Emit("state", new JsonObject { ["state"] = "closed" });
                break;
            case "close":
                break;
            default:
                _ = ReportAsync(command["ref"]!.DeepClone(), () => BeginAsync(verb, command)); // ends with an event, whatever happens
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            await _reading;
            _connection = null;
        }
    }

    private void Connect(JsonObject command)
    {
        var tokens = new Queue<string>(command["tokens"]!.AsArray().Select(token => (string)token!));
        var options = new DirectConnectionOptions
        {
            TokenProvider = (_, _) => ValueTask.FromResult(tokens.Count > 1 ? tokens.Dequeue() : tokens.Peek()),
            ReconnectDelay = Milliseconds("minMs"),
            MaxReconnectDelay = Milliseconds("maxMs"),
            ConnectTimeout = Milliseconds("connectTimeoutMs"),
            KeepAliveInterval = Milliseconds("keepAliveMs"),
            KeepAliveTimeout = Milliseconds("keepAliveMs"),
        };
        var rooms = command["rooms"]!.AsArray().Select(room => DirectRoom.Parse((string)room!)).ToList();
        rooms.ForEach(options.Rooms.Add);
        _connection = new DirectConnection(new Uri((string)command["url"]!), options);
        _ = _connection.StartAsync().ContinueWith(static task => _ = task.Exception, TaskScheduler.Default); // reported as a state
        _reading = ReadAsync(_connection);
        rooms.ForEach(room => _ = JoinedAsync(_connection, room));

        TimeSpan Milliseconds(string name) => TimeSpan.FromMilliseconds((double)command[name]!);
    }

    private Task BeginAsync(string verb, JsonObject command)
    {
        var room = DirectRoom.Parse((string)command["room"]!);
        return verb switch
        {
            "join" => _connection!.JoinAsync(room),
            "leave" => _connection!.LeaveAsync(room),
            _ => _connection!.SayAsync(room, (string)command["text"]!, (string?)command["id"]),
        };
    }

    private static async Task ReportAsync(JsonNode reference, Func<Task> call)
    {
        var result = new JsonObject { ["ref"] = reference };
        try
        {
            await call();
        }
        catch (Exception exception) when (exception is DirectException or ArgumentException)
        {
            result["code"] = (exception as DirectException)?.Status ?? -1;
            result["text"] = exception.Message;
        }

        Events.Emit("result", result);
    }

    // The rooms of the options: the client reports that a room is live by the end of its join.
    private static async Task JoinedAsync(DirectConnection connection, DirectRoom room)
    {
        try
        {
            await connection.JoinAsync(room);
            Events.Emit("joined", new JsonObject { ["room"] = $"{room}" });
        }
        catch (DirectException exception)
        {
            Events.Emit("left", new JsonObject { ["room"] = $"{room}", ["code"] = exception.Status, ["text"] = exception.Message });
        }
    }

    private static async Task ReadAsync(DirectConnection connection)
    {
        await foreach (var item in connection.ReadAllAsync())
        {
            switch (item)
            {
                case DirectMessage message:
                    Events.Emit("message", new JsonObject { ["part"] = message.Part?.ToString(), ["text"] = message.Text });
                    break;
                case DirectGap gap:
                    Events.Emit("gap", new JsonObject { ["part"] = gap.Part?.ToString() });
                    break;
                case DirectRoomLost lost:
                    Events.Emit("left", new JsonObject { ["room"] = $"{lost.Room}", ["code"] = lost.Code });
                    break;
                case DirectStateChange change:
                    Events.Emit("state", new JsonObject
                    {
                        ["state"] = NameOf(change.State),
                        ["code"] = change.Code,
                        ["reason"] = change.Reason,
                        ["user"] = $"{connection.User}",
                        ["dialect"] = connection.User is null ? "original" : "direct.2",
                    });
                    break;
            }
        }
    }

    private static string NameOf(DirectConnectionState state) => state switch
    {
        DirectConnectionState.Connected => "open",
        DirectConnectionState.Reconnecting => "waiting",
        DirectConnectionState.Closed => "closed",
        _ => "connecting",
    };
}
