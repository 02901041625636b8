package lexicart;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.id.IndonesianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.ja.JapaneseAnalyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.pl.PolishAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.plugin.NamedComponent;
import org.elasticsearch.plugin.analysis.AnalyzerFactory;
import org.elasticsearch.plugin.analysis.TokenFilterFactory;

/** Lucene's analyzers under the names by which a full distribution and its analysis plugins know them. */
public final class LexicartAnalysis {

    private LexicartAnalysis() {}

    @NamedComponent("arabic")
    public static final class Arabic implements AnalyzerFactory {
        @Override public Analyzer create() { return new ArabicAnalyzer(); }
    }

    @NamedComponent("german")
    public static final class German implements AnalyzerFactory {
        @Override public Analyzer create() { return new GermanAnalyzer(); }
    }

    @NamedComponent("english")
    public static final class English implements AnalyzerFactory {
        @Override public Analyzer create() { return new EnglishAnalyzer(); }
    }

    @NamedComponent("spanish")
    public static final class Spanish implements AnalyzerFactory {
        @Override public Analyzer create() { return new SpanishAnalyzer(); }
    }

    @NamedComponent("french")
    public static final class French implements AnalyzerFactory {
        @Override public Analyzer create() { return new FrenchAnalyzer(); }
    }

    @NamedComponent("indonesian")
    public static final class Indonesian implements AnalyzerFactory {
        @Override public Analyzer create() { return new IndonesianAnalyzer(); }
    }

    @NamedComponent("italian")
    public static final class Italian implements AnalyzerFactory {
        @Override public Analyzer create() { return new ItalianAnalyzer(); }
    }

    @NamedComponent("kuromoji")
    public static final class Kuromoji implements AnalyzerFactory {
        @Override public Analyzer create() { return new JapaneseAnalyzer(); }
    }

    @NamedComponent("nori")
    public static final class Nori implements AnalyzerFactory {
        @Override public Analyzer create() { return new KoreanAnalyzer(); }
    }

    @NamedComponent("dutch")
    public static final class Dutch implements AnalyzerFactory {
        @Override public Analyzer create() { return new DutchAnalyzer(); }
    }

    @NamedComponent("polish")
    public static final class Polish implements AnalyzerFactory {
        @Override public Analyzer create() { return new PolishAnalyzer(); }
    }

    @NamedComponent("portuguese")
    public static final class Portuguese implements AnalyzerFactory {
        @Override public Analyzer create() { return new PortugueseAnalyzer(); }
    }

    @NamedComponent("russian")
    public static final class Russian implements AnalyzerFactory {
        @Override public Analyzer create() { return new RussianAnalyzer(); }
    }

    @NamedComponent("turkish")
    public static final class Turkish implements AnalyzerFactory {
        @Override public Analyzer create() { return new TurkishAnalyzer(); }
    }

    @NamedComponent("smartcn")
    public static final class Smartcn implements AnalyzerFactory {
        @Override public Analyzer create() { return new SmartChineseAnalyzer(); }
    }

    @NamedComponent("cjk")
    public static final class Cjk implements AnalyzerFactory {
        @Override public Analyzer create() { return new CJKAnalyzer(); }
    }

    @NamedComponent("asciifolding")
    public static final class AsciiFolding implements TokenFilterFactory {
        @Override public TokenStream create(TokenStream input) { return new ASCIIFoldingFilter(input); }
    }
}
