using System.Diagnostics;
using System.Globalization;
using System.Net;
using Direct.Testing.Time;

namespace Direct.Testing.Processes;

/// <summary>Represents a node that runs as a separate process on separate ports, with its output. Disposing always ends the process.</summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly NodeOptions _options;
    private readonly List<string> _output = [];
    private readonly SocketsHttpHandler _handler = new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    };

    private NodeProcess(NodeOptions options, int port, ProcessStartInfo start)
    {
        _options = options;
        Port = port;
        BaseUri = new Uri($"http://127.0.0.1:{port}");
        Http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = BaseUri, Timeout = TimeSpan.FromSeconds(30) };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        Pid = _process.Id;
        if (!options.LeavesOutputUnread)
        {
            ReadOutput();
        }
    }

    /// <summary>Gets or sets the <c>key=value</c> arguments of every node that is started without another value for the key.</summary>
    public static IReadOnlyList<string> DefaultArguments { get; set; } = [];

    /// <summary>Gets the plain port (0 when the node opens none).</summary>
    public int Port { get; }

    public Uri BaseUri { get; }

    public int Pid { get; }

    /// <summary>Gets a client for <see cref="BaseUri"/> that accepts any certificate.</summary>
    public HttpClient Http { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Gets the lines of standard output and error up to now.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
            {
                return [.. _output];
            }
        }
    }

    /// <summary>Gets the resident memory of the process.</summary>
    public long ResidentKilobytes => ReadStatus("VmRSS:");

    /// <summary>Gets the processor time used up to now.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>
    /// Gets the number of open sockets of the process, including listeners. Other descriptors are not counted: each loaded assembly uses one, and
    /// assemblies are loaded on demand.
    /// </summary>
    public int OpenSockets => CountDescriptors("socket:");

    /// <summary>Gets the number of inotify instances that the process has open.</summary>
    public int FileWatches => CountDescriptors("anon_inode:inotify");

    /// <summary>Gets the files that are mapped into the memory of the process, including the loaded assemblies.</summary>
    public IReadOnlyList<string> MappedFiles =>
        [.. File.ReadLines($"/proc/{Pid}/maps").Select(static line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)).Where(static columns => columns.Length == 6).Select(static columns => columns[5]).Distinct()];

    /// <summary>Gets the TCP ports that the process listens on.</summary>
    public IReadOnlyList<int> ListeningPorts
    {
        get
        {
            var sockets = Directory.GetFileSystemEntries($"/proc/{Pid}/fd").Select(static descriptor => new FileInfo(descriptor).LinkTarget).ToHashSet();

            // Columns: number, local address:port in hexadecimal, remote address, state (0A: listening), six more, inode.
            string[] tables = [$"/proc/{Pid}/net/tcp", $"/proc/{Pid}/net/tcp6"];
            return
            [
                .. tables.SelectMany(static table => File.ReadLines(table).Skip(1))
                    .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Where(columns => columns[3] == "0A" && sockets.Contains($"socket:[{columns[9]}]"))
                    .Select(static columns => int.Parse(columns[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
            ];
        }
    }

    /// <summary>Gets the names of the threads, cut to 15 characters.</summary>
    public IReadOnlyList<string> ThreadNames => [.. Directory.EnumerateDirectories($"/proc/{Pid}/task").Select(NameOf).OfType<string>()];

    public static Task<NodeProcess> StartAsync(params string[] arguments) => StartAsync(new NodeOptions { Arguments = arguments });

    /// <summary>Starts a node and waits until it is ready. Throws with the output of the node when it does not get ready.</summary>
    public static async Task<NodeProcess> StartAsync(NodeOptions options)
    {
        var node = Launch(options);
        try
        {
            await node.WaitReadyAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node without waiting until it is ready.</summary>
    public static NodeProcess Launch(NodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var assembly = Repository.AssemblyPath(options.AssemblyName);
        if (options.Command is null && !File.Exists(assembly))
        {
            throw new NodeStartException($"{assembly} is not built");
        }

        var arguments = Arguments(options, out var port);
        string[] command =
        [
            .. options.DescriptorLimit is { } limit ? ["/bin/sh", "-c", FormattableString.Invariant($"ulimit -n {limit} && exec \"$0\" \"$@\"")] : Array.Empty<string>(),
            .. options.MemoryGroup is { } group ? ["/bin/sh", "-c", $"echo $$ >'{group.Members}' && exec \"$0\" \"$@\""] : Array.Empty<string>(),
            .. options.Command ?? [Repository.DotnetHost, assembly],
            .. arguments,
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = options.WorkingDirectory ?? (options.Command is null ? Path.GetDirectoryName(assembly) : null),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Prepare(start.Environment, options);
        return new NodeProcess(options, port, start);
    }

    /// <summary>Begins to read the output of a node that was started with <see cref="NodeOptions.LeavesOutputUnread"/>.</summary>
    public void ReadOutput()
    {
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Polls the ready check until it answers 200.</summary>
    public async Task WaitReadyAsync()
    {
        var uri = _options.ReadyUri ?? new Uri(BaseUri, "/readyz");
        var last = "no answer yet";
        await Deadline.UntilAsync(
            $"{_options.AssemblyName} {Pid} gets ready at {uri}",
            async () =>
            {
                if (_process.HasExited)
                {
                    throw new NodeStartException($"{_options.AssemblyName} exited with {_process.ExitCode} before it was ready:\n{Text()}");
                }

                try
                {
                    using var response = await Http.GetAsync(uri);
                    last = response.StatusCode.ToString();
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException exception)
                {
                    last = exception.Message;
                    return false;
                }
            },
            _options.StartTimeout,
            () => $"last: {last}\n{Text()}");
    }

    /// <summary>Sends one signal by GET, with every value percent-encoded.</summary>
    public async Task<SignalReceipt> SignalAsync(string part, string message, string? id = null)
    {
        var query = $"/!direct-signal?part={Uri.EscapeDataString(part)}&message={Uri.EscapeDataString(message)}";
        using var response = await Http.GetAsync(new Uri(query + (id is null ? "" : $"&id={Uri.EscapeDataString(id)}"), UriKind.Relative));
        return await SignalReceiptReader.ReadAsync(response);
    }

    /// <summary>Waits for a line of the output that contains <paramref name="text"/>, and skips the first <paramref name="after"/> lines.</summary>
    public async Task<string> WaitForOutputAsync(string text, int after = 0, TimeSpan? timeout = null)
    {
        string? found = null;
        await Deadline.UntilAsync(
            $"\"{text}\" in the output of {Pid}",
            () => (found = Output.Skip(after).FirstOrDefault(line => line.Contains(text, StringComparison.OrdinalIgnoreCase))) is not null,
            timeout,
            Text);
        return found!;
    }

    /// <summary>Sends SIGTERM to the process.</summary>
    public Task TerminateAsync() => SendAsync("TERM");

    /// <summary>Sends an operating system signal by its name: TERM, INT, STOP, CONT, KILL.</summary>
    public async Task SendAsync(string name)
    {
        // Uses the kill of the shell, because a minimal Debian has no /bin/kill.
        using var kill = Process.Start("/bin/sh", ["-c", FormattableString.Invariant($"kill -{name} {Pid}")]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ends the process at once with SIGKILL.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    /// <summary>Waits until the process exits, and returns the exit code (128 plus the number of the signal that ended it).</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? timeout = null)
    {
        await Deadline.RunAsync(
            $"{_options.AssemblyName} {Pid} exits",
            async cancellationToken => await _process.WaitForExitAsync(cancellationToken),
            timeout,
            Text);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Http.Dispose();
        _handler.Dispose();
    }

    private static List<string> Arguments(NodeOptions options, out int port)
    {
        var given = options.Arguments.Select(argument => argument.Split('=', 2)[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var arguments = new List<string>();
        AddDefault("port", () => FreePort.Take().ToString(CultureInfo.InvariantCulture));
        AddDefault("env", () => "test");
        AddDefault("Direct:Endpoints:Address", () => "127.0.0.1");
        foreach (var pair in DefaultArguments.Select(argument => argument.Split('=', 2)))
        {
            if (!given.Any(key => key.EndsWith($":{pair[0]}", StringComparison.OrdinalIgnoreCase)))
            {
                AddDefault(pair[0], () => pair[1]);
            }
        }

        arguments.AddRange(options.Arguments.Where(argument => !argument.EndsWith('=')));

        var portArgument = arguments.FirstOrDefault(argument => argument.StartsWith("port=", StringComparison.Ordinal));
        port = ushort.TryParse(portArgument?["port=".Length..], CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return arguments;

        void AddDefault(string key, Func<string> value)
        {
            if (!given.Contains(key))
            {
                arguments.Add($"{key}={value()}");
            }
        }
    }

    private static void Prepare(IDictionary<string, string?> environment, NodeOptions options)
    {
        // Removes variables of the developer's shell that would configure the node under test.
        string[] foreign = ["ASPNETCORE_", "Direct__", "Kestrel__", "Logging__", "DOTNET_URLS", "DOTNET_ENVIRONMENT", "OTEL_"];
        foreach (var name in environment.Keys.Where(name => foreign.Any(name.StartsWith)).ToArray())
        {
            environment.Remove(name);
        }

        foreach (var (name, value) in options.Environment)
        {
            environment[name] = value;
        }
    }

    private int CountDescriptors(string kind) => Directory.GetFileSystemEntries($"/proc/{Pid}/fd")
        .Count(descriptor => new FileInfo(descriptor).LinkTarget?.StartsWith(kind, StringComparison.Ordinal) == true);

    // Returns null when the thread has ended meanwhile.
    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private long ReadStatus(string field)
    {
        var line = File.ReadLines($"/proc/{Pid}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Any, CultureInfo.InvariantCulture);
    }

    private string Text() => string.Join('\n', Output.TakeLast(100));

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Add(line);
            }
        }
    }
}
