using System.Diagnostics;
using System.Globalization;
using Direct.OrleansFloor;

switch (args)
{
    case ["silo", var index]:
        await Node.RunSiloAsync(int.Parse(index, CultureInfo.InvariantCulture));
        return 0;
    case ["client", var index, var callers]:
        await Node.RunClientAsync(int.Parse(index, CultureInfo.InvariantCulture), int.Parse(callers, CultureInfo.InvariantCulture));
        return 0;
    case ["--help"]:
        return Help();
}

var seconds = 5;
if (args.Length > 1 || (args.Length == 1 && (!int.TryParse(args[0], CultureInfo.InvariantCulture, out seconds) || seconds < 1)))
{
    await Console.Error.WriteLineAsync($"'{string.Join(' ', args)}': expected the seconds of one measurement, from 1 on (--help)");
    return 2;
}

Console.WriteLine("| callers | calls a second | processor time a call, µs | two silos, µs | two clients, µs |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
var silos = new[] { await Child.StartAsync("silo", "0"), await Child.StartAsync("silo", "1") };
foreach (var callers in new[] { 2, 16, 64 })
{
    var each = (callers / 2).ToString(CultureInfo.InvariantCulture);
    var clients = new[] { await Child.StartAsync("client", "0", each), await Child.StartAsync("client", "1", each) };
    Child[] all = [.. silos, .. clients];
    Array.ForEach(clients, static client => client.Tell()); // publish
    Array.ForEach(all, static child => child.Pin(core: 0));
    await Task.Delay(TimeSpan.FromSeconds(5)); // until everything is compiled
    var before = (Times: Array.ConvertAll(all, static child => child.ProcessorTime), Calls: await CountAsync(clients), At: Stopwatch.GetTimestamp());
    await Task.Delay(TimeSpan.FromSeconds(seconds));
    var calls = await CountAsync(clients) - before.Calls;
    var elapsed = Stopwatch.GetElapsedTime(before.At);
    var costs = all.Select((child, i) => (child.ProcessorTime - before.Times[i]).TotalMicroseconds / Math.Max(calls, 1)).ToArray();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {callers} | {calls / elapsed.TotalSeconds:N0} | {costs.Sum():0.0} | {costs[0] + costs[1]:0.0} | {costs[2] + costs[3]:0.0} |"));
    Array.ForEach(clients, static client => client.End());
}

Array.ForEach(silos, static silo => silo.End());
return 0;

static async Task<long> CountAsync(Child[] clients)
{
    var calls = 0L;
    foreach (var client in clients)
    {
        client.Tell();
        calls += long.Parse(await client.ReadAsync(), CultureInfo.InvariantCulture);
    }

    return calls;
}

static int Help()
{
    Console.WriteLine("""
        orleans-floor [SECONDS]   measures for SECONDS (default 5) with 2, 16 and 64 callers in two clients

        Two silos and two clients of bare Orleans, in four processes pinned to core 0. A call goes from a client to a grain, from there to an observer
        in the client that has subscribed, and back. Start it with DOTNET_TieredCompilation=0 DOTNET_ReadyToRun=0 to measure compiled code only.
        """);
    return 0;
}
