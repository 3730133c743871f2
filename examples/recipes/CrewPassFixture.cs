using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

/// <summary>
/// The fake of CrewPass for xUnit. Copy this file; it needs .NET 8, xUnit, and crewpass-mock on the PATH (or named by
/// CREWPASS_BINARY). With CREWPASS_BASE it tests against a server that runs already: a fake, with its token in
/// CREWPASS_MOCK_CONTROL_TOKEN, or a real environment, with CPK_KEY; there a test that needs a lever fails with the
/// reason, since xUnit 2 can't skip while a test runs. A class of tests takes it as <c>IClassFixture&lt;CrewPassFixture&gt;</c>.
/// </summary>
public sealed class CrewPassFixture : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private Process? _process;
    private Session? _first;

    /// <summary>A world for one test, with its own keys, clock, store and faults: <c>await using</c> it.</summary>
    public sealed class Session : IAsyncDisposable
    {
        private readonly HttpClient _http;

        internal Session(HttpClient http, JsonElement json)
            : this(http, json.GetProperty("base").GetString()!, json.GetProperty("key").GetString()!,
                json.GetProperty("control").GetString())
        {
        }

        internal Session(HttpClient http, string address, string key, string? control)
        {
            _http = http;
            Base = address;
            Key = key;
            Control = control;
        }

        public string Base { get; }
        public string Key { get; }

        /// <summary>The URL of the control API; null where there is none.</summary>
        public string? Control { get; }

        /// <summary>Calls the control API, for instance <c>PostAsync("/clock", new { advance = "16m" })</c>.</summary>
        public async Task<JsonElement> PostAsync(string path, object body)
        {
            if (Control is null)
            {
                throw new InvalidOperationException($"needs {path}, a lever of the fake that {Base} does not have");
            }
            using var response = await _http.PostAsJsonAsync(Control + path, body);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }

        public async ValueTask DisposeAsync()
        {
            if (Control is null)
            {
                return;
            }
            using var response = await _http.DeleteAsync(Control);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Starts the fake. It ends with its standard input, also if this process is killed.</summary>
    public async Task InitializeAsync()
    {
        var address = (Environment.GetEnvironmentVariable("CREWPASS_BASE") ?? "").TrimEnd('/');
        if (address != "")
        {
            await ConnectAsync(address);
            return;
        }
        var binary = Environment.GetEnvironmentVariable("CREWPASS_BINARY") ?? "crewpass-mock";
        var start = new ProcessStartInfo(binary) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in new[] { "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet" })
        {
            start.ArgumentList.Add(argument);
        }
        // They are options of the fake, and this machine may have some for another one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CREWPASS_MOCK_")).ToList())
        {
            start.Environment.Remove(name);
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{binary} does not start");
        var line = await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"{binary} does not start");
        _first = new Session(_http, JsonDocument.Parse(line).RootElement);
    }

    /// <summary>Uses the server that runs at a base URL. Only a fake has a control API.</summary>
    private async Task ConnectAsync(string address)
    {
        using var response = await _http.GetAsync(address + "/__mock/health");
        var isFake = (await response.Content.ReadAsStringAsync()).StartsWith("{\"status\":\"ok\"");
        var key = Environment.GetEnvironmentVariable("CPK_KEY") ?? "";
        _first = new Session(_http, address, key, isFake ? address + "/__mock" : null);
        var token = Environment.GetEnvironmentVariable("CREWPASS_MOCK_CONTROL_TOKEN");
        if (isFake && token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }
    }

    /// <summary>Opens a session with the options of POST /__mock/sessions.</summary>
    public async Task<Session> OpenAsync(IReadOnlyDictionary<string, object>? options = null)
    {
        if (_first!.Control is null && options is null)
        {
            return _first;
        }
        var body = options ?? new Dictionary<string, object>();
        return new Session(_http, await _first.PostAsync("/sessions", body));
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _http.Dispose();
    }
}
