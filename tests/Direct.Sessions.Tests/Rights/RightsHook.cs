using System.Globalization;
using System.Text;
using Direct.Sessions.Tests.Databases;
using Direct.Testing;
using Direct.Testing.Processes;
using MySqlConnector;

namespace Direct.Sessions.Tests.Rights;

/// <summary>
/// Represents the unchanged PHP program of docs/operate/rights.md on PHP's own web server, with its table in the database of a test. Disposing ends it.
/// </summary>
internal sealed class RightsHook : IAsyncDisposable
{
    public const string Secret = "2c61d0e7b9a84f55";

    private readonly DirectoryInfo _folder;
    private readonly Command _server;

    private RightsHook(DirectoryInfo folder, Command server, Uri url) => (_folder, _server, Url) = (folder, server, url);

    public Uri Url { get; }

    /// <summary>Starts the program. The test is skipped without PHP or its extension for MySQL.</summary>
    /// <param name="tables">The database in which the table is created.</param>
    /// <param name="secret">The secret of the program.</param>
    public static async Task<RightsHook> StartAsync(SessionTables tables, string secret = Secret)
    {
        await SkipWithoutPhpAsync();
        await tables.InTableAsync(RightsPage.OwnTable);
        var folder = Directory.CreateTempSubdirectory("direct-hook");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "rights.php"), Documents.Block(RightsPage.Path, "php"));
        var database = new MySqlConnectionStringBuilder(tables.ConnectionString);
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Take()}");
        var server = Command.Start("php", ["-S", address, "rights.php"], folder.FullName, new Dictionary<string, string>
        {
            ["RIGHTS_SECRET"] = secret,
            ["RIGHTS_DSN"] = string.Create(CultureInfo.InvariantCulture, $"mysql:host=127.0.0.1;port={database.Port};dbname={tables.Name}"),
            ["RIGHTS_USER"] = database.UserID,
            ["RIGHTS_PASSWORD"] = database.Password,
            ["PHP_CLI_SERVER_WORKERS"] = "4",
        });
        var hook = new RightsHook(folder, server, new Uri($"http://{address}/rights.php"));
        await server.WaitForOutputAsync("started");
        return hook;
    }

    /// <summary>Asks for rights as a gateway does, and returns the status and the body.</summary>
    public async Task<(int Status, string Body)> AskAsync(string body, string? secret = Secret)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (secret is not null)
        {
            request.Headers.Add("X-Direct-Secret", secret);
        }

        using var answer = await http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task SkipWithoutPhpAsync()
    {
        Assert.SkipWhen(InstalledProgram.Find("php") is null, "php is missing; install it: apt-get install php-cli php-mysql");
        await using var modules = Command.Start("php", ["-m"]);
        await modules.EndsWellAsync();
        Assert.SkipUnless(modules.Output.Contains("pdo_mysql", StringComparison.Ordinal), "PHP has no pdo_mysql; install it: apt-get install php-mysql");
    }
}
