using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.Http;
using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

/// <summary>
/// The fake of CrewPass for xUnit. Copy this file; it needs .NET 8, xUnit, and crewpass-mock on the PATH (or named by
/// CREWPASS_BINARY). A class of tests takes it as <c>IClassFixture&lt;CrewPassFixture&gt;</c>.
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
        {
            _http = http;
            Base = json.GetProperty("base").GetString()!;
            Key = json.GetProperty("key").GetString()!;
            Control = json.GetProperty("control").GetString()!;
        }

        public string Base { get; }
        public string Key { get; }
        public string Control { get; }

        /// <summary>Calls the control API, for instance <c>PostAsync("/clock", new { advance = "16m" })</c>.</summary>
        public async Task<JsonElement> PostAsync(string path, object body)
        {
            using var response = await _http.PostAsJsonAsync(Control + path, body);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }

        public async ValueTask DisposeAsync()
        {
            using var response = await _http.DeleteAsync(Control);
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Starts the fake. It ends with its standard input, also if this process is killed.</summary>
    public async Task InitializeAsync()
    {
        var binary = Environment.GetEnvironmentVariable("CREWPASS_BINARY") ?? "crewpass-mock";
        var start = new ProcessStartInfo(binary) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in new[] { "serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet" })
        {
            start.ArgumentList.Add(argument);
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{binary} does not start");
        var line = await _process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"{binary} does not start");
        _first = new Session(_http, JsonDocument.Parse(line).RootElement);
    }

    /// <summary>Opens a session with the options of POST /__mock/sessions.</summary>
    public async Task<Session> OpenAsync(IReadOnlyDictionary<string, object>? options = null)
    {
        var body = options ?? new Dictionary<string, object>();
        return new Session(_http, await _first!.PostAsync("/sessions", body));
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
