using Direct.Edge.Backplane;

namespace Direct.Cluster.Tests.Models;

/// <summary>Compares what connections have received with what publishers were told.</summary>
internal sealed class ModelCheck(IReadOnlyList<ModelGateway> gateways)
{
    private readonly List<ModelConnection> _connections = [.. gateways.SelectMany(static gateway => gateway.Connections)];

    /// <summary>Returns the first error; null if there is none.</summary>
    public string? FindError() => _connections.Select(ErrorOf).Concat(gateways.SelectMany(static gateway => gateway.Signals).Select(ErrorOf)).FirstOrDefault(static error => error is not null);

    private static string? ErrorOf(ModelConnection connection)
    {
        var last = new Dictionary<(ModelGateway, object), int>();
        foreach (var signal in connection.Received)
        {
            var before = last.GetValueOrDefault((signal.Publisher, signal.Topic));
            if (signal.Number <= before)
            {
                return $"{connection} has received {signal} after {before}";
            }

            last[(signal.Publisher, signal.Topic)] = signal.Number;
        }

        return null;
    }

    private string? ErrorOf(ModelSignal signal)
    {
        if (signal.Receipt is not { } receipt)
        {
            return signal.Publisher.Process.IsConnected ? $"{signal} has no receipt" : null;
        }

        // A gateway that was cut off may have been counted or not, and its own publishers are told nothing more. A connection that joined after the call may
        // be missing in the receipt: the first of several calls may arrive last, and go to gateways that have come since the batch was repeated.
        var counted = _connections.FindAll(connection => connection.Received.Contains(signal));
        var fewest = counted.Count(connection => connection.Gateway.Process.IsConnected && connection.JoinedAt < signal.PublishedAt);
        if (signal.Publisher.Process.IsConnected
            && (receipt.Status is not ReceiptStatus.Delivered || receipt.Delivered < fewest || receipt.Delivered > counted.Count))
        {
            return $"{signal} has {receipt}, and {fewest} to {counted.Count} connections should count";
        }

        var missing = _connections.Find(connection => connection.IsIn(signal.Topic)
            && connection.JoinedAt < signal.PublishedAt && connection.LeftAt > signal.ReceiptAt && !connection.Received.Contains(signal));
        return missing is null ? null : $"{signal} has {receipt}, and {missing} has not received it";
    }
}
