using System.Text.Json;
using System.Text.Json.Nodes;
using Direct.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.ConformanceDriver;

/// <summary>Carries out the commands of backends with <see cref="DirectSignals"/>, one after the other. Each is answered by one event.</summary>
internal sealed class BackendCommands : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private ServiceProvider? _services;
    private DirectSignals? _signals;

    public async Task RunAsync(string verb, JsonObject command)
    {
        if (verb == "new")
        {
            Create(command);
            Events.Emit("ready");
            return;
        }

        try
        {
            Events.Emit("done", await CallAsync(verb, command));
        }
        catch (DirectException exception)
        {
            Report(exception);
        }
    }

    public void Dispose() => _services?.Dispose();

    private void Create(JsonObject command)
    {
        Dispose();
        var services = new ServiceCollection();
        services.AddDirectSignals(options =>
        {
            options.Key = (string?)command["key"];
            options.TryTimeout = TimeSpan.FromSeconds((double)command["timeoutSeconds"]!);
            options.TotalTimeout = TimeSpan.FromSeconds((double)command["totalSeconds"]!);
            foreach (var gateway in command["gateways"]!.AsArray())
            {
                options.Gateways.Add(new Uri((string)gateway!));
            }
        });
        _services = services.BuildServiceProvider();
        _signals = _services.GetRequiredService<DirectSignals>();
    }

    private async Task<JsonObject> CallAsync(string verb, JsonObject command)
    {
        var part = command["part"] is { } text ? DirectPart.Parse((string)text!) : default;
        return verb switch
        {
            "signal" => Receipts(await _signals!.SignalAsync(part, (string)command["message"]!, (string?)command["id"])),
            "signals" => Receipts([.. await _signals!.SignalAllAsync(command["items"]!.AsArray().Select(ReadSignal))]),
            "users" => new JsonObject { ["users"] = new JsonArray([.. await _signals!.UsersAsync(part).Select(Row).ToListAsync()]) },
            "count" => new JsonObject { ["count"] = Count(await _signals!.CountAsync(part)) },
            "close" => new JsonObject { ["closed"] = (await _signals!.CloseAsync(part, (int)command["code"]!, (string)command["reason"]!)).Closed },
            "recheck" => new JsonObject { ["recheck"] = JsonSerializer.SerializeToNode(await _signals!.RecheckAsync(part), Json) },
            _ => throw new NotSupportedException($"The command '{verb}' is not known."),
        };
    }

    private static void Report(DirectException exception)
    {
        var isRefused = exception.Status is >= 300 and < 500;
        var receipts = exception.Delivered is { } delivered
            ? new JsonArray(new JsonObject { ["status"] = exception.Status, ["delivered"] = delivered, ["id"] = exception.Id })
            : [.. exception.Receipts.Select(ToNode)];
        Events.Emit(isRefused ? "refused" : "unavailable", new JsonObject
        {
            ["status"] = exception.Status ?? 0,
            ["text"] = $"{exception.Message} {exception.Detail}",
            ["receipts"] = receipts,
        });
    }

    private static DirectSignal ReadSignal(JsonNode? item) => new(DirectPart.Parse((string)item!["part"]!), (string)item["message"]!, (string?)item["id"]);

    private static JsonObject Receipts(params SignalReceipt[] receipts) => new() { ["receipts"] = new JsonArray([.. receipts.Select(ToNode)]) };

    private static JsonObject Count(ConnectionCount count) => new()
    {
        ["connections"] = count.Connections,
        ["users"] = count.Users,
        ["gateways"] = count.Gateways,
        ["complete"] = count.IsComplete,
        ["missing"] = new JsonArray([.. count.Missing.Select(name => (JsonNode)name)]),
    };

    private static JsonNode ToNode(SignalReceipt receipt) => JsonSerializer.SerializeToNode(receipt, Json)!;

    // Ids are written as text: the reader of this line stores numbers as doubles.
    private static JsonNode Row(ConnectedUser row) => new JsonObject
    {
        ["user"] = $"{row.User}",
        ["group"] = $"{row.Group}",
        ["channel"] = $"{row.Channel}",
        ["connections"] = row.Connections,
    };
}
