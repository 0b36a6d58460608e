using System.Net;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Load;
using Direct.Testing.Time;

namespace Direct.Containers.Tests.Partitions;

/// <summary>
/// Represents two silos and two gateways in containers with two networks: an inner one for silos, gateways and the database, and a front one through
/// which clients reach the gateways. So a container can be disconnected from the inner network alone.
/// </summary>
internal sealed class NetworkedCluster : IAsyncDisposable
{
    public const string Key = "a-key-for-this-test-alone";

    private static readonly string[] Membership =
        ["--env", "Direct__Cluster__Provider=mysql", "--env", "Direct__Cluster__ConnectionString=Server=mysql;Port=3306;User ID=direct;Password=second;Database=direct"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ContainerEngine _engine;
    private readonly string _name;
    private readonly List<Container> _containers = [];

    private readonly string[] _options;

    private NetworkedCluster(ContainerEngine engine, string name, string[] options) => (_engine, _name, _options) = (engine, name, options);

    /// <summary>Gets the address and ports of each gateway for clients.</summary>
    public Dictionary<string, Entry> Entries { get; } = [];

    private string Inside => $"{_engine.Id}-{_name}-inside";

    private string Front => $"{_engine.Id}-{_name}-front";

    public Container this[string name] => _containers.Single(container => container.Name.EndsWith($"-{name}", StringComparison.Ordinal));

    /// <param name="options">More options of <c>run</c> for silos and gateways.</param>
    public static async Task<NetworkedCluster> StartAsync(ContainerEngine engine, string name, params string[] options)
    {
        var cluster = new NetworkedCluster(engine, name, options);
        try
        {
            await cluster.StartAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Disconnects a container from the inner network: its packets are lost without an error.</summary>
    public Task CutAsync(string name) => _engine.RunAsync("network", "disconnect", Inside, this[name].Name);

    /// <summary>Reconnects a container to the inner network.</summary>
    /// <param name="address">The address that the container gets; null for another one than before.</param>
    public Task RestoreAsync(string name, IPAddress? address) =>
        _engine.RunAsync(["network", "connect", .. address is null ? Array.Empty<string>() : ["--ip", $"{address}"], Inside, this[name].Name]);

    /// <summary>Returns whether the membership table lists a silo at this address as dead.</summary>
    public async Task<bool> IsDeadAsync(IPAddress address)
    {
        const int Dead = 6;
        await Deadline.PaceAsync(500);
        var count = await _engine.RunAsync(
            "exec", this["mysql"].Name, "mariadb", "--host=127.0.0.1", "--user=direct", "--password=second", "--skip-column-names", "--execute",
            FormattableString.Invariant($"SELECT COUNT(*) FROM OrleansMembershipTable WHERE Address = '{address}' AND Status = {Dead}"), "direct");
        return count != "0";
    }

    /// <summary>Returns the address of a container in the inner network.</summary>
    public Task<IPAddress> InnerAddressAsync(string name) => AddressAsync(this[name], Inside);

    public async Task WaitReadyAsync(string gateway) =>
        await this[gateway].WaitReadyAsync(new Uri($"http://{Entries[gateway].Address}:9085/readyz"));

    public async ValueTask DisposeAsync()
    {
        foreach (var container in Enumerable.Reverse(_containers))
        {
            await container.DisposeAsync();
        }

        await _engine.TryAsync("network", "rm", "--force", Inside, Front);
    }

    private async Task StartAsync()
    {
        await _engine.RunAsync("network", "create", "--internal", Inside);
        await _engine.RunAsync("network", "create", Front);
        await AddAsync(
            "mysql",
            "--user", "mysql", "--tmpfs", "/var/run/mysqld", "--network-alias", "mysql", "--env", "MYSQL_DATABASE=direct", "--env", "MYSQL_USER=direct", "--env", "MYSQL_PASSWORD=second",
            "--network", Inside, _engine.Images.StandIn("mysql"));
        await Deadline.UntilAsync("the schema is made", MakesSchemaAsync, Patience);
        foreach (var silo in (string[])["silo-1", "silo-2"])
        {
            await AddAsync(silo, [.. Membership, .. _options, "--restart", "unless-stopped", "--network", Inside, _engine.Images.Silo]);
        }

        foreach (var gateway in (string[])["gateway-1", "gateway-2"])
        {
            await AddAsync(
                gateway,
                [
                    .. Membership, .. _options, "--env", "Direct__Endpoints__ManagementPort=9085", "--env", $"Direct__Signals__Keys__0={Key}", "--env", $"Direct__Cluster__Name={gateway}",
                    "--network", Front, "--network", Inside, _engine.Images.Gateway, "env=test",
                ]);
            Entries[gateway] = new Entry(await AddressAsync(this[gateway], Front), 8085, 9085);
        }

        await this["silo-1"].WaitForLogAsync("is ready in cluster"); // a silo that has not joined cannot declare another one dead
        await this["silo-2"].WaitForLogAsync("is ready in cluster");
        await WaitReadyAsync("gateway-1");
        await WaitReadyAsync("gateway-2");
    }

    private async Task<bool> MakesSchemaAsync()
    {
        var (code, _) = await _engine.TryAsync(["run", "--rm", "--name", $"{_engine.Id}-{_name}-schema", .. Membership, "--network", Inside, _engine.Images.Silo, "schema=apply"]);
        await Deadline.PaceAsync(code == 0 ? 0 : 500);
        return code == 0;
    }

    private async Task AddAsync(string name, params string[] arguments) =>
        _containers.Add(await Container.StartAsync(_engine, $"{_name}-{name}", ["--read-only", "--tmpfs", "/tmp", .. arguments]));

    private static async Task<IPAddress> AddressAsync(Container container, string network) =>
        IPAddress.Parse(await container.InspectAsync($"{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}"));
}
