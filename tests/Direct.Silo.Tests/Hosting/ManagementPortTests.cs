using System.Net;
using System.Net.Sockets;
using Direct.Silo.Tests.Silos;
using Direct.Testing.Metrics;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Hosting;

public sealed class ManagementPortTests(SharedDatabase shared)
{
    private readonly int _port = FreePort.Take();

    private string Setting => $"Direct:Silo:ManagementPort={_port}";

    [Fact]
    public async Task Silo_FromItsStartToItsEnd_IsLiveAndReadyWhileItIsAMember()
    {
        var database = await shared.NewWithSchemaAsync();
        await using var silo = TestSilo.Launch([.. TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", .. database.Arguments, Setting]);
        var answers = new List<string>();
        var watching = WatchAsync(silo, answers);
        await silo.WaitForOutputAsync(TestSilo.Ready, timeout: TimeSpan.FromSeconds(60));
        await Deadline.UntilAsync("the silo says that it is ready", () => Contains(answers, "200 ready"));

        await silo.TerminateAsync();
        Assert.Equal(0, await silo.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        await watching;

        // Removes consecutive repeats. A silo may get ready so fast that the starting state is not observed.
        var seen = answers.Where(answer => answer != "503 starting").ToList();
        Assert.Equal(["503 joining the cluster", "200 ready", "503 stopping"], seen.Where((answer, i) => i == 0 || seen[i - 1] != answer));
    }

    [Fact]
    public async Task Requests_OfASilo_AreAnsweredByPathAndMetricsAreOursAndThoseOfOrleans()
    {
        await using var silo = await TestSilo.StartAsync(Setting);

        foreach (var (path, status) in ((string, int)[])[("/livez", 200), ("/readyz", 200), ("/metrics", 200), ("/", 404), ("/livez/", 404), ("/!direct-signal", 404)])
        {
            using var answer = await silo.Http.GetAsync(At(path), TestContext.Current.CancellationToken);
            Assert.True(status == (int)answer.StatusCode, $"{status} expected for {path}, got {answer.StatusCode}");
        }

        var page = await Exposition.ReadAsync(silo.Http, At("/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal((0.0, 0.0), (page.Sum("direct_silo_gateways"), page.Sum("direct_silo_batches_total")));
        Assert.Contains(page.Families, family => family.Name.StartsWith("orleans_", StringComparison.Ordinal));
        Assert.True(page.Sum("dotnet_process_memory_working_set_bytes") > 0);
    }

    [Fact]
    public async Task Start_OnAPortInUse_IsRefusedNamingIt()
    {
        using var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();

        var (exitCode, output) = await TestSilo.RunAsync([.. TestSilo.Ports(), Setting]);

        Assert.Equal(1, exitCode);
        Assert.Contains($"127.0.0.1:{_port}", output, StringComparison.Ordinal);
    }

    private static bool Contains(List<string> answers, string answer)
    {
        lock (answers)
        {
            return answers.Contains(answer);
        }
    }

    // Polls until the process has ended.
    private async Task WatchAsync(NodeProcess silo, List<string> answers)
    {
        while (!silo.HasExited)
        {
            try
            {
                using var answer = await silo.Http.GetAsync(At("/readyz"));
                var text = $"{(int)answer.StatusCode} {(await answer.Content.ReadAsStringAsync()).TrimEnd()}";
                lock (answers)
                {
                    answers.Add(text);
                }
            }
            catch (HttpRequestException)
            {
                // The silo does not listen yet, or no longer.
            }

            await Deadline.PaceAsync(5);
        }
    }

    private Uri At(string path) => new($"http://127.0.0.1:{_port}{path}");
}
