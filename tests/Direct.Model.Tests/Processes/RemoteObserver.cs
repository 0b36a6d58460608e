using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Model.Tests.Checks;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents the observer of a gateway to a silo.</summary>
internal sealed class RemoteObserver(Lease lease, SimulatedProcess silo, ModelCluster cluster) : IGatewayObserver
{
    public Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        cluster.Logs.Record(batches);
        return CallAsync($"deliver {Text(batches)}", 1, () => cluster.Without.DeliverAsync(batches, lease));
    }

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => throw new NotSupportedException();

    public Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests) => CallAsync(
        $"recover {string.Join(',', requests.Select(static request => $"{request.Lane} {request.Ballot.Number}"))}", 1, async () => cluster.Without.Recovered(await lease.Observer.RecoverAsync(requests)));

    public Task<TailPage> ReadKeptAsync(FetchRequest request) => CallAsync($"read {request.Topic} {request.After}-{request.Through}", 1, async () => cluster.Without.Read(request, await lease.Observer.ReadKeptAsync(request)));

    public Task<bool> KeepAsync(KeepRequest[] requests)
    {
        Array.ForEach(requests, request => cluster.Logs.Record(request.Marks));
        return CallAsync($"keep {string.Join(',', requests.Select(static request => $"{request.Topic} at {request.Head}{(request.KeepFor is { } time ? $" for {time}" : "")}"))}", 1, () => lease.Observer.KeepAsync(cluster.Without.ToKeep(requests)));
    }

    private Task<T> CallAsync<T>(CallName name, double seconds, Func<Task<T>> call) =>
        cluster.Network.CallAsync(name, silo, () => lease.Gateway.Process, seconds, call);

    private string Text(SignalBatch[] batches) => !cluster.Trace.IsWanted ? "" : string.Join("; ", batches.Select(batch =>
        $"{batch.Lane}{(batch.IsRepeat ? " again" : "")} {string.Join(' ', batch.Signals.Select((signal, i) => $"{ModelLogs.NumberOf(signal.Payload)}={(batch.Stamps is { } stamps ? cluster.Logs.Short(stamps[i].Epoch, stamps[i].Offset) : "-")}"))}"));
}
